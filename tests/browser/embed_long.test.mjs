// A page of ten thousand comments, with answers, while more arrive: readers reach every one of them once, in order, by
// the API, by the widget's "Load more" and by the links of the page without scripts, and any of them by its address.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openTab, siteAt, startBrowser, startHost, startServer } from './harness.mjs';

const MOST = 10_000;
const AT_ONCE = 32;
const PAGE = '/long';

let server, host, browser;
/** Ids in the order in which they were sent. */
const ids = [];
before(async () => {
  const body = () => `<!doctype html><html lang="en"><title>Long</title><reply-desk page="${PAGE}" limit="200"></reply-desk><script type="module" src="${server.url}/embed.js"></script>`;
  host = await startHost((path) => (path === PAGE ? { type: 'text/html', body: body() } : null));
  const settings = `${siteAt(host.url)}[site.captcha]\nprovider = "none"\n[site.moderation]\nmode = "post"\n[site.scoring]\nhold_at = 1.0\nspam_at = 1.0\n[site.limits]\nper_page = []\nper_site = []\nper_email = []\n`;
  [server, browser] = await Promise.all([startServer(settings), startBrowser()]);
  // A third answers an earlier comment, some deeply.
  const worker = async () => {
    while (ids.length < MOST) await publish(ids.length % 3 === 2 ? ids[(ids.length * 7919) % ids.length] : null);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
});
after(async () => {
  await browser?.close();
  await host?.stop();
  await server?.stop();
});

let sent = 0;
async function publish(parent) {
  sent += 1;
  const comment = { page: PAGE, parent, body: `Comment number ${sent} says ${(sent * 2654435761) % 1000003}.`, name: `Reader ${sent}`, email: `r${sent}@example.org` };
  const answer = await fetch(`${server.url}/api/comments`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: host.url }, body: JSON.stringify(comment) });
  // The depth that a site allows ends a chain of answers.
  if (answer.status === 422 && parent) return publish(null);
  assert.equal(answer.status, 201, await answer.clone().text());
  ids.push((await answer.json()).id);
}

const read = async (query) => {
  const answer = await fetch(`${server.url}/api/comments?page=${encodeURIComponent(host.url + PAGE)}&limit=200&${query}`);
  assert.equal(answer.status, 200);
  return answer.json();
};

for (const sort of ['oldest', 'newest', 'best']) {
  test(`by the API, ${sort} first, every comment comes once, while others arrive`, async () => {
    const before = new Set(ids);
    const seen = [];
    let cursor = '';
    do {
      const { comments, next_cursor } = await read(`sort=${sort}${cursor && `&cursor=${cursor}`}`);
      seen.push(...comments.map(({ id }) => id));
      if (seen.length % 2000 === 0) await publish(null);
      cursor = next_cursor;
    } while (cursor);
    assert.equal(new Set(seen).size, seen.length, 'none twice');
    assert.deepEqual([...before].filter((id) => !seen.includes(id)), [], 'none left out');
  });
}

test('the widget loads them all, none twice, in the order of the API', async (t) => {
  const { page } = await openTab(browser);
  t.after(() => page.context().close());
  await page.goto(host.url + PAGE);
  const all = await page.locator('reply-desk').evaluate(async (element) => {
    const root = element.shadowRoot;
    const changed = () => new Promise((resolve) => {
      const watch = new MutationObserver(() => (watch.disconnect(), resolve()));
      watch.observe(root, { childList: true, subtree: true });
    });
    while (root.querySelectorAll('.comment').length === 0) await changed();
    const more = () => [...root.querySelectorAll('button')].find((button) => button.textContent === 'Load more comments' && !button.hidden && button.offsetParent);
    while (more()) {
      const count = root.querySelectorAll('.comment').length;
      more().click();
      while (root.querySelectorAll('.comment').length === count) await changed();
    }
    return [...root.querySelectorAll('.comment')].map(({ id }) => id.replace('comment-', ''));
  });
  assert.equal(all.length, ids.length);
  assert.deepEqual(new Set(all), new Set(ids));
});

test('any comment is found by its address, with what it answers', async (t) => {
  const { page } = await openTab(browser);
  t.after(() => page.context().close());
  const id = ids[Math.floor(ids.length / 2)];
  await page.goto(`${host.url}${PAGE}#comment-${id}`);
  const comment = page.locator(`#comment-${id}`);
  await comment.waitFor();
  await page.waitForFunction((id) => document.querySelector('reply-desk').shadowRoot.activeElement?.closest('.comment')?.id === `comment-${id}`, id);
  const box = await comment.boundingBox();
  assert.ok(box.y >= 0 && box.y < page.viewportSize().height, `it is in view: ${box.y}`);
  await page.getByRole('button', { name: 'Show all comments' }).click();
  await page.locator(`#comment-${ids[0]}`).waitFor();
});

test('without scripts the links lead through all of them', async () => {
  const seen = [];
  let address = `/thread?page=${encodeURIComponent(host.url + PAGE)}`;
  while (address) {
    const html = await (await fetch(new URL(address, server.url))).text();
    seen.push(...[...html.matchAll(/id="comment-([0-9a-f-]{36})"/g)].map(([, id]) => id));
    address = /class="more[^>]*href="([^"]+)"/.exec(html)?.[1].replaceAll('&amp;', '&').replaceAll('&#x2f;', '/').replaceAll('&#x3d;', '=');
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.equal(seen.length, ids.length);
});
