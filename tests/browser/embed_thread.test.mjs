// The widget's thread in every state it can come into: what is shown and where, what is loaded, what a reader can do, and
// what happens while they read.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { openTab, siteAt, startBrowser, startHost, startServer } from './harness.mjs';

/** Everything is published at once, without a check. */
const AT_ONCE = '[captcha]\nprovider = "none"\n[moderation]\nmode = "post"\n[scoring]\nhold_at = 1.0\nspam_at = 1.0\n';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(AT_ONCE), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

let pages = 0;
/** A page that no other test writes on. */
const newPage = () => `/story-${(pages += 1)}`;

const articleOf = (path, { attributes = '', inside = '', lang = 'en', head = '', more = '' } = {}) => `<!doctype html><html lang="${lang}"><meta charset="utf-8">
  <meta name="viewport" content="width=device-width"><title>Bridge</title>${head}<script type="module" src="/embed.js"></script>
  <body><main><h1>Bridge</h1>${more}<reply-desk page="${path}" ${attributes}>${inside}</reply-desk></main>`;

/** An article with the widget at this path; what the element tells is in `events`. */
async function openArticle(t, path, { at = server, hash = '', tab, options, before, ...article } = {}) {
  const { page, complaints } = tab ?? (await openTab(browser, options));
  if (!tab) t.after(() => page.context().close());
  await page.route((url) => url.pathname === path, (route) => route.fulfill({ contentType: 'text/html', body: articleOf(path, article) }));
  const events = [];
  if (!tab) await page.exposeFunction('told', (name, detail) => events.push([name, detail]));
  if (!tab) {
    await page.addInitScript(() => {
      for (const name of ['ready', 'approved', 'error']) addEventListener(`replydesk:${name}`, ({ detail }) => window.told(name, detail));
    });
  }
  await before?.(page);
  await page.goto(at.url + path + hash);
  return { page, complaints, events };
}

const said = (page, words) => page.locator('section.thread').getByText(words);
const commentOf = (page, words) => page.locator('article.comment').filter({ hasText: words });
const heading = (page) => page.locator('section.thread h2');
/** Not as they are drawn: what is out of view is not drawn at first. */
const bodies = (page) => page.locator('article.comment .words').evaluateAll((all) => all.map((one) => one.textContent.trim()));
/** Of what has the focus, through all roots. */
const focused = (page) =>
  page.evaluate(() => {
    let here = document.activeElement;
    while (here?.shadowRoot?.activeElement) here = here.shadowRoot.activeElement;
    return here?.id || here?.textContent;
  });
const until = async (find) => {
  for (let left = 300; left > 0; left -= 1) {
    if (await find()) return;
    await new Promise((later) => setTimeout(later, 30));
  }
  assert.fail(`never: ${find}`);
};
/** The stream is open once the server was asked for it and its first look is over. */
const whenLive = (page) => page.waitForResponse((answer) => answer.url().includes('/api/stream'));

async function write(path, n, more = () => ({})) {
  const written = [];
  for (let i = 0; i < n; i += 1) written.push(await server.comment({ page: path, body: `Remark ${i}.`, ...more(i, written) }));
  return written;
}

test('threads stand as nested lists under a heading with their number', async (t) => {
  const path = newPage();
  const [root] = await write(path, 1, () => ({ name: 'Ada', url: 'https://ada.example', body: 'The *oak* smells.' }));
  await server.comment({ page: path, name: 'Bob', body: 'It does.', parent: root.id });
  const { page, complaints, events } = await openArticle(t, path);
  await heading(page).getByText('2 comments').waitFor();
  const structure = await page.locator('article.comment').evaluateAll((all) => all.map((one) => [one.querySelector('h3').textContent, one.parentElement.localName, one.closest('ol').parentElement.localName]));
  assert.deepEqual(structure, [['Ada', 'li', 'section'], ['Bob', 'li', 'details']]);
  const link = commentOf(page, 'The oak smells.').locator('h3 a');
  assert.deepEqual([await link.getAttribute('href'), await link.getAttribute('rel')], ['https://ada.example/', 'nofollow ugc noopener']);
  const time = page.locator('article.comment time').first();
  assert.match(await time.getAttribute('title'), /^\w+day, /);
  assert.ok(Date.parse(await time.getAttribute('datetime')) > 0);
  assert.equal(await page.locator('section.thread em').textContent(), 'oak');
  assert.deepEqual(events, [['ready', { total: 2 }]]);
  assert.deepEqual(complaints, []);
});

test('what is nested deeper than asked stands beside and says whom it answers', async (t) => {
  const path = newPage();
  let parent = null;
  for (const name of ['Ada', 'Bob', 'Cleo', 'Dan']) parent = (await server.comment({ page: path, name, body: `${name} writes.`, parent })).id;
  const { page } = await openArticle(t, path, { attributes: 'depth="1"' });
  const dan = commentOf(page, 'Dan writes.');
  await dan.getByText('In reply to Cleo').waitFor();
  assert.equal(await page.locator('section.thread ol ol').count(), 1);
  assert.deepEqual(await bodies(page), ['Ada writes.', 'Bob writes.', 'Cleo writes.', 'Dan writes.']);
  await dan.getByText('In reply to Cleo').click();
  const cleo = await commentOf(page, 'Cleo writes.').filter({ hasNotText: 'Dan' }).first().getAttribute('id');
  await until(async () => (await focused(page)) === cleo);
  // A late answer to one in the middle stands behind what answers the same, not at the end.
  await until(() => page.evaluate(() => document.hasFocus()));
  const bob = (await (await fetch(`${server.url}/api/comments?page=${path}`)).json()).comments[1];
  await page.getByText('1 ').first().count();
  await server.comment({ page: path, name: 'Eve', body: 'Eve writes.', parent: bob.id });
  await page.getByRole('button', { name: 'Show one new comment' }).click();
  assert.deepEqual(await bodies(page), ['Ada writes.', 'Bob writes.', 'Cleo writes.', 'Dan writes.', 'Eve writes.']);
  await page.evaluate(() => document.querySelector('reply-desk').setAttribute('depth', '0'));
  await until(async () => (await page.locator('section.thread ol ol').count()) === 0);
});

test('replies fold away and come back, by key too', async (t) => {
  const path = newPage();
  const [root] = await write(path, 1);
  for (const body of ['One.', 'Two.', 'Three.']) await server.comment({ page: path, body, parent: root.id });
  const { page } = await openArticle(t, path);
  const fold = page.locator('summary', { hasText: 'Hide 3 replies' });
  await fold.waitFor();
  await fold.focus();
  await page.keyboard.press('Enter');
  await page.getByText('Show 3 replies').waitFor();
  assert.equal(await said(page, 'Two.').isVisible(), false);
  await page.keyboard.press('Space');
  await page.getByText('Hide 3 replies').waitFor();
  assert.equal(await said(page, 'Two.').isVisible(), true);
});

test('no comments, none yet to be had, and none to be had are said', async (t) => {
  const path = newPage();
  const { page } = await openArticle(t, path);
  await heading(page).getByText('No comments yet').waitFor();

  let answer = () => {};
  const slow = new Promise((go) => (answer = go));
  /** What every question is answered with just now, whoever asks: 0 not at all, null as the server does. */
  let kind = 503;
  const second = await openArticle(t, path, {
    before: (tab) =>
      tab.route('**/api/comments?*', async (route) => {
        await slow;
        if (kind === 0) return route.abort();
        return kind ? route.fulfill({ status: kind, json: { code: kind === 503 ? 'unavailable' : 'rate_limited', detail: 'No.' } }) : route.continue();
      }),
  });
  await second.page.getByText('Loading the comments…').waitFor();
  answer();
  for (const [code, next] of [['unavailable', 429], ['rate_limited', 0], ['offline', null]]) {
    await until(() => second.events.some(([name, detail]) => name === 'error' && detail.code === code));
    await said(second.page, 'The comments could not be loaded.').first().waitFor();
    kind = next;
    await second.page.getByRole('button', { name: 'Try again' }).click();
  }
  await heading(second.page).getByText('No comments yet').waitFor();
});

test('a long page comes in stretches without a repeat or a gap, while more is written', async (t) => {
  const path = newPage();
  await write(path, 45, (i, all) => ({ parent: i % 3 ? all[i - (i % 3)].id : null }));
  const { page, complaints } = await openArticle(t, path, { attributes: 'limit="10"' });
  await heading(page).getByText('45 comments').waitFor();
  const more = page.getByRole('button', { name: 'Load more comments' });
  let extra = 0;
  while (await more.isVisible()) {
    const before = await page.locator('article.comment').count();
    await server.comment({ page: path, body: `Meanwhile ${(extra += 1)}.` });
    const top = await page.locator('article.comment').first().evaluate((one) => one.getBoundingClientRect().top + scrollY);
    await more.focus();
    await page.keyboard.press('Enter');
    await until(async () => (await page.locator('article.comment').count()) > before);
    assert.equal(await page.locator('article.comment').first().evaluate((one) => one.getBoundingClientRect().top + scrollY), top, 'nothing above moved');
    const first = await page.locator('article.comment').evaluateAll((all, n) => all[n].id, before);
    assert.equal(await focused(page), first, 'the focus goes on with what came');
  }
  const ids = await page.locator('article.comment').evaluateAll((all) => all.map((one) => one.id));
  assert.equal(new Set(ids).size, ids.length);
  const all = [];
  for (let cursor = ''; cursor !== null; ) {
    const answer = await (await fetch(`${server.url}/api/comments?page=${path}&limit=200${cursor && `&cursor=${cursor}`}`)).json();
    all.push(...answer.comments.map(({ id }) => `comment-${id}`));
    cursor = answer.next_cursor;
  }
  assert.deepEqual(ids, all.slice(0, ids.length));
  assert.ok(ids.length >= 45);
  assert.deepEqual(complaints, []);
});

test('the order is the reader\'s', async (t) => {
  const path = newPage();
  await write(path, 3);
  const { page } = await openArticle(t, path, { attributes: 'sort="newest"' });
  await heading(page).waitFor();
  await until(async () => (await bodies(page)).length === 3);
  assert.deepEqual(await bodies(page), ['Remark 2.', 'Remark 1.', 'Remark 0.']);
  await page.getByLabel('Order').selectOption('Oldest first');
  await until(async () => (await bodies(page))[0] === 'Remark 0.');
  assert.equal((await bodies(page)).length, 3);
});

test('an address leads to its comment, loaded or not, and back to all', async (t) => {
  const path = newPage();
  const written = await write(path, 30);
  const { page } = await openArticle(t, path, { attributes: 'limit="5"', hash: `#comment-${written[3].id}` });
  await until(async () => (await focused(page)) === `comment-${written[3].id}`);
  assert.equal(await page.locator('.marked').count(), 1);
  assert.equal(await page.locator('section.thread .note').count(), 0);

  await page.evaluate((id) => (location.hash = `#comment-${id}`), written[20].id);
  await until(async () => (await focused(page)) === `comment-${written[20].id}`);
  await page.locator('.note').getByText('You see one comment with its surroundings.').waitFor();
  assert.deepEqual((await bodies(page))[0], 'Remark 20.');
  assert.equal(await page.locator(`[id="comment-${written[20].id}"]`).evaluate((one) => one.getBoundingClientRect().top < innerHeight), true);
  await page.getByRole('button', { name: 'Show all comments' }).click();
  await until(async () => (await bodies(page))[0] === 'Remark 0.');
  assert.equal(await page.locator('section.thread .note').count(), 0);

  await page.evaluate(() => (location.hash = '#comment-019a0000-0000-7000-8000-000000000000'));
  await page.locator('.note').getByText('That comment is not here any more.').waitFor();
  assert.equal((await bodies(page)).length, 5, 'what was shown stays');
});

/** Comes true in a later second than this: the server tells times to the second. @param {number} moment */
const nextSecond = (moment) => until(async () => (await fetch(`${server.url}/livez`)).ok && Date.now() >= moment + 1000);

test('what came since the last visit is marked, counted and gone through, by the server\'s clock', async (t) => {
  const path = newPage();
  await write(path, 1);
  const seen = Date.parse((await (await fetch(`${server.url}/api/comments?page=${path}`)).json()).comments[0].created_at);
  assert.ok(seen > 0);
  // An hour ago by a clock that is three hours ahead.
  const visit = { at: Date.now() + 2 * 3_600_000, seen };
  await nextSecond(seen);
  await write(path, 3, (i) => ({ body: `Later ${i}.` }));
  const ahead = 'const now = Date.now; Date.now = () => now() + 3 * 3600000;';
  const { page } = await openArticle(t, path, { before: async (tab) => {
    await tab.addInitScript({ content: ahead });
    await tab.addInitScript(([key, value]) => sessionStorage.getItem(key) ?? sessionStorage.setItem(key, value), [`replydesk:visit:${path}`, JSON.stringify(visit)]);
  } });
  const button = page.getByRole('button', { name: '3 new since your last visit' });
  const reached = [];
  for (let i = 0; i < 4; i += 1) {
    await button.click();
    await until(async () => /^comment-/.test(await focused(page)));
    reached.push((await page.locator('.marked .words').textContent()).trim());
  }
  assert.deepEqual(reached, ['Later 0.', 'Later 1.', 'Later 2.', 'Later 0.']);
  assert.equal(await page.locator('article .badge.new').count(), 3);
  await page.reload();
  await button.waitFor();
  await until(() => page.evaluate((key) => JSON.parse(sessionStorage.getItem(key)).seen, `replydesk:visit:${path}`).then((now) => now > seen));
});

test('what was written before the last visit and approved after it is new', async (t) => {
  const path = newPage();
  const [late] = await write(path, 2);
  await server.decide(late.id, 'pending');
  const seen = Date.parse((await (await fetch(`${server.url}/api/comments?page=${path}`)).json()).comments[0].created_at);
  await nextSecond(seen);
  await server.decide(late.id, 'approve');
  const visit = { at: Date.now() - 3_600_000, seen };
  const { page } = await openArticle(t, path, { before: (tab) => tab.addInitScript(([key, value]) => sessionStorage.setItem(key, value), [`replydesk:visit:${path}`, JSON.stringify(visit)]) });
  await page.getByRole('button', { name: 'One new since your last visit' }).click();
  await until(async () => (await focused(page)) === `comment-${late.id}`);
});

test('of a long page what was there and not loaded is not new the next time', async (t) => {
  const path = newPage();
  await write(path, 4);
  const { page } = await openArticle(t, path, { attributes: 'limit="2"' });
  await heading(page).getByText('4 comments').waitFor();
  const key = `replydesk:visit:${path}`;
  const newest = Date.parse((await (await fetch(`${server.url}/api/comments?page=${path}&sort=newest&limit=1`)).json()).comments[0].created_at);
  await until(() => page.evaluate((name) => JSON.parse(sessionStorage.getItem(name))?.seen, key).then((seen) => seen === newest));
});

test('a like shows at once, stays for the tab, and goes back where it is refused', async (t) => {
  const path = newPage();
  await write(path, 1);
  const { page } = await openArticle(t, path);
  const like = page.locator('[data-act=like]');
  const counted = page.waitForResponse((answer) => answer.url().includes('/likes') && answer.request().method() === 'POST');
  await like.click();
  await (await counted).finished();
  await page.getByRole('button', { name: 'Like the comment by', pressed: true }).getByText('Like 1').waitFor();
  assert.match(await like.getAttribute('aria-label'), /, 1 like$/);
  await until(() => page.evaluate(() => sessionStorage.getItem('replydesk:liked')));
  await page.reload();
  await page.getByRole('button', { name: 'Like the comment by', pressed: true }).waitFor();
  await like.click();
  await page.getByRole('button', { name: 'Like the comment by', pressed: false }).waitFor();
  await page.route('**/likes?*', (route) => route.fulfill({ status: 429, json: { code: 'rate_limited', detail: 'Too many at once.' } }));
  await like.click();
  await page.locator('.said').getByText('Too many at once.').waitFor();
  assert.equal(await like.getAttribute('aria-pressed'), 'false');
  assert.equal((await like.innerText()).trim(), 'Like');
});

test('a report says why, and what is wrong with it is said', async (t) => {
  const path = newPage();
  const [one] = await write(path, 1);
  const { page } = await openArticle(t, path);
  await page.getByRole('button', { name: 'Report the comment by' }).click();
  await page.getByRole('button', { name: 'Send report' }).click();
  await page.getByText('Please say what is wrong with this comment.').waitFor();
  await page.keyboard.type('It is rude.');
  await page.getByRole('button', { name: 'Send report' }).click();
  await page.locator('.said').getByText('Thank you. The editors will look at it.').waitFor();
  assert.deepEqual((await server.see(one.id)).reports.reasons, ['It is rude.']);
  await page.getByRole('button', { name: 'Report the comment by' }).click();
  await until(async () => /^rd-panel-/.test(await focused(page)));
  await page.keyboard.press('Escape');
  await until(async () => /^Report/.test(await focused(page)));
  assert.equal(await page.locator('.panel').count(), 0);
});

test('the link to a comment is copied, or shown to be copied', async (t) => {
  const path = newPage();
  const [one] = await write(path, 1);
  const { page } = await openArticle(t, path, { options: { permissions: ['clipboard-read', 'clipboard-write'] } });
  await page.getByRole('button', { name: 'Copy the link' }).click();
  await page.getByText('The link is copied.').first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${server.url}${path}#comment-${one.id}`);
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.getByRole('button', { name: 'Copy the link' }).click();
  assert.equal(await page.locator('input.said').inputValue(), `${server.url}${path}#comment-${one.id}`);
});

test('what is heard while all is looked at once more is not undone by what was read before it', async (t) => {
  const path = newPage();
  const [first] = await write(path, 2);
  let [asked, answered, goOn] = [0, () => {}, () => {}];
  const [read, heard] = [new Promise((then) => (answered = then)), new Promise((then) => (goOn = then))];
  const { page } = await openArticle(t, path, {
    before: (tab) => tab.route('**/api/comments?*', async (route) => {
      asked += 1;
      // The first draws the comments, the second looks once more as the stream opens.
      if (asked !== 2) return route.fallback();
      const response = await route.fetch();
      answered();
      await heard;
      return route.fulfill({ response });
    }),
  });
  await read;
  await server.comment({ page: path, body: 'A new thread.' });
  await fetch(`${server.url}/api/comments/${first.id}`, { method: 'PATCH', headers: { 'Content-Type': 'application/json', 'X-Edit-Token': first.edit_token, Origin: server.url }, body: JSON.stringify({ body: 'Remark 0, mended.' }) });
  await heading(page).getByText('3 comments').waitFor();
  await commentOf(page, 'Remark 0, mended.').waitFor();
  goOn();
  await until(async () => asked === 3);
  await page.getByRole('button', { name: 'Show one new comment' }).click();
  await commentOf(page, 'A new thread.').waitFor();
  assert.deepEqual(await bodies(page), ['Remark 0, mended.', 'Remark 1.', 'A new thread.']);
  await heading(page).getByText('3 comments').waitFor();
});

test('new comments are offered, changed ones change in place, and removed ones leave a place', async (t) => {
  const path = newPage();
  const [first, second] = await write(path, 2);
  const live = { page: null };
  const { page, complaints } = await openArticle(t, path, { before: (tab) => void (live.page = whenLive(tab)) });
  await live.page;
  await server.comment({ page: path, body: 'A new thread.' });
  await server.comment({ page: path, body: 'A new answer.', parent: first.id });
  await page.getByRole('button', { name: 'Show 2 new comments' }).waitFor();
  assert.deepEqual(await bodies(page), ['Remark 0.', 'Remark 1.']);
  await heading(page).getByText('4 comments').waitFor();
  await page.getByRole('button', { name: 'Show 2 new comments' }).click();
  assert.deepEqual(await bodies(page), ['Remark 0.', 'A new answer.', 'Remark 1.', 'A new thread.']);
  await until(async () => /^comment-/.test(await focused(page)));
  await page.getByText('Hide one reply').waitFor();

  await fetch(`${server.url}/api/comments/${second.id}`, { method: 'PATCH', headers: { 'Content-Type': 'application/json', 'X-Edit-Token': second.edit_token, Origin: server.url }, body: JSON.stringify({ body: 'Remark 1, mended.' }) });
  await said(page, 'Remark 1, mended.').waitFor();
  await commentOf(page, 'mended').getByText('edited').waitFor();
  await server.decide(first.id, 'reject', (await server.see(first.id)).version);
  await said(page, 'This comment was removed.').waitFor();
  await heading(page).getByText('3 comments').waitFor();
  assert.deepEqual(await bodies(page), ['A new answer.', 'Remark 1, mended.', 'A new thread.']);
  await page.reload();
  await said(page, 'This comment was removed.').waitFor();
  assert.deepEqual(complaints, []);
});

test('what happened before the stream was open is offered too', async (t) => {
  const path = newPage();
  const [, gone] = await write(path, 3);
  const { page } = await openArticle(t, path, { before: (tab) => tab.route('**/api/stream?*', async (route) => {
    await server.comment({ page: path, body: 'Just missed.' });
    await server.decide(gone.id, 'reject', (await server.see(gone.id)).version);
    await route.continue();
  }) });
  await page.getByRole('button', { name: 'Show one new comment' }).waitFor();
  await said(page, 'This comment was removed.').waitFor();
  await heading(page).getByText('3 comments').waitFor();
});

test('without a stream nothing breaks', async (t) => {
  const path = newPage();
  await write(path, 1);
  const refused = { asked: null };
  const { page, events } = await openArticle(t, path, { before: (tab) => {
    refused.asked = tab.waitForRequest('**/api/stream?*');
    return tab.route('**/api/stream?*', (route) => route.fulfill({ status: 503, json: {} }));
  } });
  await refused.asked;
  await page.locator('[data-act=like]').click();
  await page.getByRole('button', { pressed: true }).waitFor();
  assert.deepEqual(events, [['ready', { total: 1 }]]);
});

test('two widgets on one page share a stream, and lists of articles ask once for all', async (t) => {
  const path = newPage();
  await write(path, 1);
  const asked = [];
  const more = `<reply-desk page="${path}" form="none"></reply-desk><reply-count page="${path}"></reply-count><reply-count page="${path}" format="number"></reply-count><reply-count page="/none">?</reply-count>`;
  const { page } = await openArticle(t, path, { more, attributes: 'form="none"', before: (tab) => void tab.on('request', (request) => asked.push(request.url())) });
  await until(() => asked.some((url) => url.includes('/api/stream')));
  await until(async () => (await page.locator('reply-count').allInnerTexts()).join('|') === 'One comment|1|No comments yet');
  await server.comment({ page: path, body: 'For both.' });
  await until(async () => (await page.getByRole('button', { name: 'Show one new comment' }).count()) === 2);
  const n = (part) => asked.filter((url) => url.includes(part)).length;
  assert.deepEqual([n('/api/stream'), n('/api/comments/counts')], [1, 1]);
  assert.equal(await page.getByRole('button', { name: 'Reply to' }).count(), 0, 'where there is no form there is nothing to reply with');
});

test('one\'s own that waits is shown to oneself, also after a reload, and its approval is noticed', async (t) => {
  const at = await startServer('[captcha]\nprovider = "none"\n');
  t.after(() => at.stop());
  const path = newPage();
  const { page, events } = await openArticle(t, path, { at });
  const live = whenLive(page);
  await page.locator('#rd-body').fill('Mine, *for* now.');
  await page.locator('#rd-name').fill('Ada');
  await page.locator('#rd-email').fill('ada@example.org');
  await page.getByRole('button', { name: 'POST COMMENT' }).click();
  const mine = commentOf(page, 'Mine, for now.');
  await mine.getByText('Awaiting moderation. Only you can see it.').waitFor();
  const id = (await mine.getAttribute('id')).slice(8);
  assert.equal(await focused(page), `comment-${id}`);
  await heading(page).getByText('No comments yet').waitFor();
  await mine.getByText('5 minutes left to change it').waitFor();
  await page.reload();
  await mine.getByText('Awaiting moderation.').waitFor();

  await mine.getByRole('button', { name: 'Edit your comment' }).click();
  assert.equal(await mine.locator('textarea').inputValue(), 'Mine, *for* now.');
  await mine.locator('textarea').fill('');
  await mine.getByRole('button', { name: 'Save' }).click();
  await mine.getByText('Please enter your comment!').waitFor();
  await mine.locator('textarea').fill('Mine, better.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Your change is saved.').first().waitFor();
  await live.catch(() => {});
  await until(() => at.waiting('Mine, better.').then(() => true, () => false));
  await at.approve('Mine, better.');
  await until(() => events.some(([name, detail]) => name === 'approved' && detail.id === id));
  await heading(page).getByText('One comment').waitFor();
  assert.equal(await page.getByText('Awaiting moderation').count(), 0);
  await page.reload();
  const better = commentOf(page, 'Mine, better.');
  await better.getByRole('button', { name: 'Delete your comment' }).click();
  await better.getByText('Delete this comment for good?').waitFor();
  await page.keyboard.press('Escape');
  await until(async () => (await focused(page)) === 'Delete');
  await better.getByRole('button', { name: 'Delete your comment' }).click();
  await page.locator('.panel').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Your comment is deleted.').first().waitFor();
  await heading(page).getByText('No comments yet').waitFor();
  await page.reload();
  await heading(page).getByText('No comments yet').waitFor();
  assert.equal(await page.locator('article.comment').count(), 0);
});

test('an approval while one was away is noticed on coming back', async (t) => {
  const at = await startServer('[captcha]\nprovider = "none"\n');
  t.after(() => at.stop());
  const path = newPage();
  const { page, events } = await openArticle(t, path, { at });
  await page.locator('#rd-body').fill('Approve me.');
  await page.locator('#rd-name').fill('Ada');
  await page.locator('#rd-email').fill('ada@example.org');
  await page.getByRole('button', { name: 'POST COMMENT' }).click();
  await page.getByText('Awaiting moderation. Only you can see it.').waitFor();
  await page.goto('about:blank');
  await at.approve('Approve me.');
  await page.goto(at.url + path);
  await until(() => events.some(([name]) => name === 'approved'));
  await commentOf(page, 'Approve me.').getByText('Thank you. Your comment has been published.').waitFor();
});

test('a server that lies runs nothing', async (t) => {
  const path = newPage();
  const html = [
    '<p onclick="ran()">a</p><img src=x onerror="ran()"><script>ran()</script><a href="javascript:ran()">b</a>',
    '<a href="data:text/html,x">c</a></p></article></li><svg onload=ran()><style>*{}</style>&lt;b&gt; &amp;lt; <a href="https://ok.example/?a=1&amp;b=2" rel="x" style="x">d</a>',
    '<ol start="7"><li>e</li></ol>' + '<blockquote>'.repeat(500) + 'f',
    null,
  ];
  const comment = (body, i) => ({ id: `019a0000-0000-7000-8000-00000000000${i}`, parent: null, depth: 0, name: '<img src=x onerror=ran()>', url: 'javascript:ran()', html: body, created_at: 'no time', edited_at: '"><b>', likes: 1, by_staff: false });
  const json = { page: { url: 'javascript:ran()', title: '<b>', closed: false }, total: 4, comments: html.map(comment), next_cursor: null };
  const { page } = await openArticle(t, path, {
    before: async (tab) => {
      await tab.addInitScript(() => (window.ran = () => (window.hasRun = true)));
      await tab.route('**/api/comments?*', (route) => route.fulfill({ json }));
    },
  });
  await heading(page).getByText('4 comments').waitFor();
  const seen = await page.locator('section.thread').evaluate((section) => ({
    odd: [...section.querySelectorAll('*')].map((one) => one.localName).filter((name) => ['img', 'script', 'svg', 'style'].includes(name)),
    handlers: [...section.querySelectorAll('*')].flatMap((one) => one.getAttributeNames()).filter((name) => /^(on|style)/.test(name)),
    links: [...section.querySelectorAll('.words a, h3 a')].map((one) => one.outerHTML),
    start: section.querySelector('.words ol')?.start,
    deep: section.querySelectorAll('blockquote').length,
  }));
  assert.deepEqual(seen.odd, []);
  assert.deepEqual(seen.handlers, []);
  assert.deepEqual([...new Set(seen.links)].sort(), ['<a href="https://ok.example/?a=1&amp;b=2" rel="nofollow ugc noopener">d</a>', '<a rel="nofollow ugc noopener">&lt;img src=x onerror=ran()&gt;</a>']);
  assert.ok(seen.links.every((link) => !/javascript|data:/.test(link)));
  assert.equal(seen.start, 7);
  assert.ok(seen.deep < 50);
  for (const link of await page.locator('h3').all()) await link.click();
  assert.equal(await page.evaluate(() => window.hasRun), undefined);
});

test('a page of another origin with the strictest policy shows and follows comments', async (t) => {
  let at;
  const policy = () => `default-src 'none'; script-src ${at.url}; connect-src ${at.url}; worker-src blob: ${at.url}; base-uri 'none'; require-trusted-types-for 'script'`;
  const host = await startHost((path) => path === '/news' && { type: 'text/html', headers: { 'Content-Security-Policy': policy() }, body: articleOf('/news').replace('/embed.js', `${at.url}/embed.js`) });
  t.after(() => host.stop());
  at = await startServer(AT_ONCE + siteAt(host.url));
  t.after(() => at.stop());
  const one = await at.comment({ page: `${host.url}/news`, body: 'Across *origins*.' });
  const { page, complaints } = await openTab(browser);
  t.after(() => page.context().close());
  const elsewhere = [];
  page.on('request', (request) => !request.url().startsWith(at.url) && !request.url().startsWith(host.url) && !request.url().startsWith('blob:') && elsewhere.push(request.url()));
  const live = whenLive(page);
  await page.goto(`${host.url}/news`);
  await said(page, 'origins').waitFor();
  assert.equal(await page.locator('section.thread .list').evaluate((list) => getComputedStyle(list).listStyleType), 'none', 'the style is there');
  await live;
  await at.comment({ page: `${host.url}/news`, body: 'Live too.', parent: one.id });
  await page.getByRole('button', { name: 'Show one new comment' }).click();
  await page.locator('[data-act=like]').first().click();
  await page.getByRole('button', { pressed: true }).waitFor();
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(complaints, []);
  assert.deepEqual(await page.context().cookies(), []);
});

test('what stood in the element stays until it is drawn, and what was typed there goes on', async (t) => {
  const path = newPage();
  const inside = '<form action="/comments"><textarea name="body">Typed before.</textarea><input name="name" value="Ada"></form><p>See the thread.</p>';
  let fails = true;
  const { page, events } = await openArticle(t, path, { inside, before: (tab) => tab.route('**/embed/texts/*', (route) => (fails ? route.abort() : route.fallback())) });
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  assert.equal(await page.getByText('See the thread.').isVisible(), true);
  assert.deepEqual(events, [['error', { code: 'offline', status: 0 }]]);
  fails = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await heading(page).waitFor();
  assert.equal(await page.locator('#rd-body').inputValue(), 'Typed before.');
  assert.equal(await page.getByText('See the thread.').count(), 0);
});

test('attributes are data, and the element can leave, come back and change', async (t) => {
  const path = newPage();
  await write(path, 2);
  const attributes = 'sort="&quot;><script>" depth="-1e9" limit="javascript:0" src="javascript:alert(1)" theme="x" form="start"';
  const { page, complaints } = await openArticle(t, path, { attributes });
  await heading(page).getByText('2 comments').waitFor();
  const shown = page.locator('article.comment');
  await page.evaluate(() => document.body.append(document.querySelector('reply-desk')));
  assert.equal(await shown.count(), 2, 'moved, not drawn anew');
  await page.evaluate(() => {
    window.kept = document.querySelector('reply-desk');
    window.kept.remove();
  });
  await page.evaluate(() => document.body.append(window.kept));
  await heading(page).getByText('2 comments').waitFor();
  assert.equal(await page.locator('section.thread').count(), 1);
  await page.evaluate(() => document.querySelector('reply-desk').setAttribute('page', '/nothing-here'));
  await heading(page).getByText('No comments yet').waitFor();
  await page.evaluate(() => document.querySelector('reply-desk').setAttribute('form', 'none'));
  await until(async () => (await page.locator('#rd-body').count()) === 0);
  assert.deepEqual(complaints, []);
});

test('a closed page takes no replies, and says so', async (t) => {
  const path = newPage();
  await write(path, 1);
  const { page } = await openArticle(t, path, {
    before: (tab) =>
      tab.route('**/api/comments?*', async (route) => {
        const answer = await route.fetch();
        const json = await answer.json();
        await route.fulfill({ json: { ...json, page: { ...json.page, closed: true } } });
      }),
  });
  await page.getByText('Comments on this article are closed.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Reply to' }).count(), 0);
});

test('who comes from the form without scripts is thanked', async (t) => {
  const path = newPage();
  const { page } = await openArticle(t, path, { hash: '?replydesk=pending#comment-019a0000-0000-7000-8000-000000000000' });
  await page.getByText('Thank you. Your comment is awaiting moderation.').first().waitFor();
  assert.equal(await page.getByText('not here any more').count(), 0);
  // Who keeps or passes on the address is not told so again.
  assert.match(page.url(), /story-\d+#comment-019a/);
  const [one] = await write(path, 3);
  await page.goto(`${server.url}${path}?a=%20b&replydesk=pending&c=d#comment-${one.id}`);
  await until(async () => (await focused(page)) === `comment-${one.id}`);
  assert.equal(await page.getByText('awaiting moderation').count(), 0);
  await until(async () => page.url() === `${server.url}${path}?a=%20b&c=d#comment-${one.id}`);
});

/** Sends a comment through the form. */
async function send(page, body) {
  await page.locator('#rd-body').fill(body);
  await page.locator('#rd-name').fill('Ada');
  await page.locator('#rd-email').fill('ada@example.org');
  await page.getByRole('button', { name: 'POST COMMENT' }).click();
}

test('what is being written in a comment is never lost', async (t) => {
  const path = newPage();
  await write(path, 2);
  const { page, complaints } = await openArticle(t, path);
  await heading(page).getByText('2 comments').waitFor();
  await send(page, 'Mine.');
  const mine = page.locator('article.comment', { has: page.locator('.deeds') });
  const field = mine.locator('.panel textarea');
  const edit = mine.getByRole('button', { name: 'Edit your comment' });
  await edit.click();
  await field.fill('Mine, and more');
  await mine.locator('[data-act=like]').click();
  await mine.getByRole('button', { pressed: true }).getByText('Like 1').waitFor();
  assert.equal(await field.inputValue(), 'Mine, and more', 'after a like');
  await edit.click();
  assert.equal(await field.inputValue(), 'Mine, and more', 'asked for again');
  await until(async () => /^rd-panel-/.test(await focused(page)));
  await mine.getByRole('button', { name: 'Delete your comment' }).click();
  await mine.getByText('Delete this comment for good?').waitFor();
  assert.equal(await mine.locator('.panel').count(), 1);
  await edit.click();
  assert.equal(await field.inputValue(), 'Mine, and more', 'after the question');
  await page.getByLabel('Order').selectOption('Newest first');
  await until(async () => (await page.locator('article.comment .words').first().textContent()) === 'Mine.');
  await until(async () => (await field.count()) === 1);
  assert.equal(await field.inputValue(), 'Mine, and more', 'in another order');
  await page.reload();
  await field.waitFor();
  assert.equal(await field.inputValue(), 'Mine, and more', 'after a reload');

  await field.focus();
  await field.evaluate((one) => one.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', isComposing: true, bubbles: true, composed: true })));
  assert.equal(await field.count(), 1, 'an Escape that ends a composition');
  await page.keyboard.press('Escape');
  assert.equal(await field.count(), 0);
  await page.reload();
  await edit.waitFor();
  await edit.click();
  assert.equal(await field.inputValue(), 'Mine, and more', 'after Escape');
  await mine.getByRole('button', { name: 'Cancel' }).click();
  await edit.click();
  assert.equal(await field.inputValue(), 'Mine.', 'given up');
  await field.fill('Mine, mended.');
  await mine.getByRole('button', { name: 'Save' }).click();
  await mine.getByText('Your change is saved.').waitFor();
  assert.equal(await page.evaluate((key) => sessionStorage.getItem(key), `replydesk:panels:${path}`), null);
  assert.deepEqual(complaints, []);
});

test('an approval and more comments leave what its author is writing where it is', async (t) => {
  const at = await startServer('[captcha]\nprovider = "none"\n');
  t.after(() => at.stop());
  const path = newPage();
  for (const body of ['One.', 'Two.', 'Three.']) {
    await at.comment({ page: path, body });
    await at.approve(body);
  }
  const live = { page: null };
  const { page, events } = await openArticle(t, path, { at, attributes: 'limit="1"', before: (tab) => void (live.page = whenLive(tab)) });
  await live.page;
  await send(page, 'Mine.');
  const mine = page.locator('article.comment', { has: page.locator('.deeds') });
  await mine.getByRole('button', { name: 'Edit your comment' }).click();
  await mine.locator('textarea').fill('Mine, and');
  await page.getByRole('button', { name: 'Load more comments' }).evaluate((button) => button.click());
  await until(async () => (await page.locator('article.comment').count()) === 3);
  await at.approve('Mine.');
  await until(() => events.some(([name]) => name === 'approved'));
  await page.keyboard.type(' more');
  assert.equal(await mine.locator('textarea').inputValue(), 'Mine, and more');
});

test('a panel says that it sends, and waits for the answer', async (t) => {
  const path = newPage();
  await write(path, 1);
  let answer = () => {};
  const slow = new Promise((go) => (answer = go));
  const { page } = await openArticle(t, path, { before: (tab) => tab.route('**/reports?*', async (route) => (await slow, route.fallback())) });
  const report = page.getByRole('button', { name: 'Report the comment by' });
  await report.click();
  // The panel comes with scripts of its own.
  await until(async () => /^rd-panel-/.test(await focused(page)));
  await page.keyboard.type('Rude.');
  await page.getByRole('button', { name: 'Send report' }).click();
  const panel = page.locator('.panel');
  await panel.getByText('Sending…').waitFor();
  assert.deepEqual(await panel.locator('button').evaluateAll((all) => all.map((one) => one.ariaDisabled)), ['true', 'true']);
  await page.keyboard.press('Escape');
  await panel.getByRole('button', { name: 'Cancel' }).evaluate((button) => button.click());
  await report.click();
  await until(async () => /^rd-panel-/.test(await focused(page)));
  assert.equal(await panel.count(), 1);
  // Who goes on elsewhere is left there.
  await page.locator('#rd-body').focus();
  answer();
  await page.locator('.said').getByText('Thank you. The editors will look at it.').waitFor();
  assert.equal(await focused(page), 'rd-body');
});

test('who goes on writing keeps the focus', async (t) => {
  const path = newPage();
  const [one] = await write(path, 2);
  let answer = () => {};
  const slow = new Promise((go) => (answer = go));
  let isSlow = true;
  const { page } = await openArticle(t, path, {
    hash: `#comment-${one.id}`,
    before: (tab) => tab.route('**/api/comments?*', async (route) => (isSlow && (await slow), route.fallback())),
  });
  await page.locator('#rd-body').pressSequentially('A first ');
  answer();
  await page.locator('.marked').waitFor();
  await page.locator('.unseen[role=status]').getByText('Reader').waitFor({ state: 'attached' });
  assert.equal(await focused(page), 'rd-body');
  assert.equal(await page.evaluate(() => scrollY), 0);
  isSlow = false;

  let stored = () => {};
  const sent = new Promise((go) => (stored = go));
  await page.route('**/api/comments?*', async (route) => (route.request().method() === 'POST' && (await sent), route.fallback()));
  await send(page, 'A first one.');
  await page.locator('#rd-name').focus();
  stored();
  await commentOf(page, 'A first one.').and(page.locator('.marked')).waitFor();
  assert.equal(await focused(page), 'rd-name');
});

test('an answer that is none is a failure, whatever its status', async (t) => {
  const path = newPage();
  await write(path, 3);
  let isPortal = false;
  const { page, complaints } = await openArticle(t, path, {
    attributes: 'limit="2"',
    before: (tab) => tab.route('**/api/comments?*', (route) => (isPortal ? route.fulfill({ contentType: 'text/html', body: '<h1>Please sign in</h1>' }) : route.fallback())),
  });
  await heading(page).getByText('3 comments').waitFor();
  isPortal = true;
  const looked = page.waitForResponse((response) => response.url().includes('/api/comments?'));
  await whenLive(page);
  await (await looked).finished();
  await page.getByRole('button', { name: 'Load more comments' }).click();
  await said(page, 'The comments could not be loaded.').first().waitFor();
  isPortal = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await until(async () => (await bodies(page)).length === 3);
  assert.deepEqual(complaints, []);
});

test('links lead out of a frame, and to the article as it is known', async (t) => {
  const path = newPage();
  const [one, two] = await write(path, 2, () => ({ url: 'https://ada.example', body: 'See https://b.example/ too.' }));
  const { page } = await openArticle(t, path, { hash: `?token=secret&utm_source=mail&replydesk=pending#comment-${one.id}`, options: { permissions: ['clipboard-read', 'clipboard-write'] } });
  await page.locator('.marked').waitFor();
  const wanted = `${server.url}${path}#comment-${two.id}`;
  const second = page.locator(`[id="comment-${two.id}"]`);
  assert.equal(await second.locator('a.date').evaluate((link) => link.href), wanted);
  assert.equal(await second.locator('h3 a').getAttribute('target'), null);
  await second.getByRole('button', { name: 'Copy the link' }).click();
  await second.getByText('The link is copied.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), wanted);
  await page.evaluate(() => (window.isSame = true));
  await second.locator('a.date').click();
  await until(async () => (await focused(page)) === `comment-${two.id}`);
  assert.equal(await page.evaluate(() => window.isSame && location.search + location.hash), `?token=secret&utm_source=mail#comment-${two.id}`);
  await page.locator('#rd-body').focus();
  await second.locator('a.date').click();
  await until(async () => (await focused(page)) === `comment-${two.id}`);

  await page.route('**/around', (route) => route.fulfill({ contentType: 'text/html', body: `<iframe src="${path}" width="600" height="900"></iframe>` }));
  await page.goto(`${server.url}/around`);
  const framed = page.frameLocator('iframe').locator(`[id="comment-${two.id}"]`);
  for (const link of ['h3 a', '.words a']) {
    assert.deepEqual(await framed.locator(link).evaluate((node) => [node.target, node.rel]), ['_blank', 'nofollow ugc noopener']);
  }
});

test('new ones are offered before the list, and are seen', async (t) => {
  const path = newPage();
  await write(path, 20);
  const live = { page: null };
  const { page } = await openArticle(t, path, { before: (tab) => void (live.page = whenLive(tab)) });
  await live.page;
  await server.comment({ page: path, body: 'A new one.' });
  const bar = page.getByRole('button', { name: 'Show one new comment' });
  await bar.waitFor();
  await page.getByLabel('Order').focus();
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Show one new comment');
  for (const at of [0, 0.4, 0.8]) {
    await page.evaluate((part) => scrollTo(0, document.querySelector('reply-desk').shadowRoot.querySelector('.list').getBoundingClientRect().top + scrollY + part * 1500), at);
    const { top, bottom } = await bar.evaluate((one) => one.getBoundingClientRect());
    assert.ok(top >= 0 && bottom <= (await page.evaluate(() => innerHeight)), `seen at ${at}`);
  }
});

test('many long addresses are counted in questions a proxy takes, and one that is refused leaves the others theirs', async (t) => {
  const path = newPage();
  await write(path, 1);
  const asked = [];
  const pages = Array.from({ length: 100 }, (_, i) => (i === 50 ? 'https://elsewhere.example/' : i === 70 ? path : `/2026/11/28/${'a-long-title-'.repeat(7)}${i}`));
  const more = pages.map((page) => `<reply-count page="${page}" format="number">?</reply-count>`).join('');
  const { page } = await openArticle(t, path, { more, before: (tab) => void tab.on('request', (request) => request.url().includes('/counts') && asked.push(request.url().length)) });
  await until(async () => (await page.locator('reply-count').allInnerTexts()).filter((text) => text === '?').length <= 1);
  const texts = await page.locator('reply-count').allInnerTexts();
  assert.deepEqual([texts[50], texts[70], texts[0], texts[99]], ['?', '1', '0', '0']);
  assert.ok(Math.max(...asked) < 6500, `${Math.max(...asked)}`);
});

test('of several widgets only the one that was asked says that a comment is gone', async (t) => {
  const [path, other] = [newPage(), newPage()];
  const [one] = await write(path, 1);
  await write(other, 1);
  const { page } = await openArticle(t, path, { hash: `#comment-${one.id}`, more: `<reply-desk page="${other}" form="none"></reply-desk>` });
  const looked = page.waitForResponse((answer) => answer.url().includes(`at=${one.id}`));
  await until(async () => (await focused(page)) === `comment-${one.id}`);
  await (await looked).finished();
  await page.evaluate(() => new Promise((later) => setTimeout(later, 100)));
  assert.equal(await page.getByText('not here any more').count(), 0);
});

test('who was refused the stream does not come back with all others', async (t) => {
  const path = newPage();
  await write(path, 1);
  const { page } = await openArticle(t, path, {
    before: async (tab) => {
      await tab.addInitScript(() => {
        const wait = setTimeout;
        window.waits = [];
        window.setTimeout = (act, ms) => (window.waits.push(ms), wait(act, ms));
        Math.random = () => 0.5;
      });
      await tab.route('**/api/stream?*', (route) => route.fulfill({ status: 503, json: {} }));
    },
  });
  await until(() => page.evaluate(() => window.waits.includes(45_000)));
});

test('an answer that comes when the element is gone leaves nothing running', async (t) => {
  const path = newPage();
  let answer = () => {};
  const slow = new Promise((go) => (answer = go));
  const { page } = await openArticle(t, path, {
    before: async (tab) => {
      await tab.addInitScript(() => {
        const every = setInterval;
        window.intervals = [];
        window.setInterval = (act, ms) => (window.intervals.push(ms), every(act, ms));
      });
      await tab.route('**/api/comments?*', async (route) => (route.request().method() === 'POST' && (await slow), route.fallback()));
    },
  });
  await heading(page).waitFor();
  await page.evaluate(() => addEventListener('replydesk:submitted', () => (window.isSent = true)));
  await page.evaluate(() => document.querySelector('reply-desk').addEventListener('replydesk:submitted', () => (window.isSent = true)));
  await send(page, 'Late.');
  await page.evaluate(() => document.querySelector('reply-desk').remove());
  answer();
  await until(() => page.evaluate(() => window.isSent));
  await until(() => page.evaluate((key) => sessionStorage.getItem(key), `replydesk:own:${path}`));
  assert.equal(await page.evaluate(() => window.intervals.includes(15_000)), false);
});

test('it fits a narrow screen, and its targets a finger', async (t) => {
  const path = newPage();
  let parent = null;
  for (let i = 0; i < 6; i += 1) parent = (await server.comment({ page: path, name: 'W'.repeat(80), body: `${'long'.repeat(60)} https://long.example/${'x'.repeat(150)}`, parent })).id;
  const { page } = await openArticle(t, path, { options: { viewport: { width: 320, height: 640 } } });
  await heading(page).getByText('6 comments').waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  const small = await page.locator('section.thread :is(button, summary, select)').evaluateAll((all) => all.filter((one) => one.offsetParent && one.getBoundingClientRect().height < 24).map((one) => one.outerHTML));
  assert.deepEqual(small, []);
});

test('ten thousand comments come without a repeat or a gap, while threads begin and grow', async (t) => {
  const path = newPage();
  const id = (n) => `019a0000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  const one = (n, parent) => ({ id: id(n), parent: parent === null ? null : id(parent), depth: parent === null ? 0 : 1, name: `Reader ${n}`, url: null, html: `<p>${n}</p>`, created_at: '2026-10-01T00:00:00Z', edited_at: null, likes: 0, by_staff: false });
  // In the order of the whole; a new one stands somewhere in it, as an answer does, or at the end.
  const all = Array.from({ length: 10_000 }, (_, n) => one(n, n % 4 ? n - (n % 4) : null));
  let next = all.length;
  let furthest = 200;
  const { page } = await openArticle(t, path, {
    attributes: 'limit="200"',
    before: (tab) =>
      tab.route('**/api/comments?*', async (route) => {
        const { searchParams } = new URL(route.request().url());
        const after = searchParams.get('cursor');
        const from = after ? all.findIndex((comment) => comment.id === after) + 1 : 0;
        const comments = all.slice(from, from + 200);
        const end = from + comments.length;
        const json = { page: { url: path, title: null, closed: false }, total: all.length, comments, next_cursor: end < all.length ? comments.at(-1).id : null };
        // Before the answer is out: the next question may be faster than what follows it here.
        // Where somebody looks again at what is shown, only the stream would tell of more.
        if (next < 10_100 && end > furthest && end + 100 <= all.length) {
          furthest = end;
          all.splice(all.findIndex(({ parent }, n) => n > end + 50 && parent === null), 0, one(next, Number(all[all.findLastIndex(({ parent }, n) => n < end + 50 && parent === null)].id.slice(-12))));
          all.push(one(next + 1, null));
          next += 2;
        }
        await route.fulfill({ json });
      }),
  });
  await heading(page).getByText('10,000 comments').waitFor();
  // In the page, since looking for roles among so many takes longer than all the rest.
  const { ids, longest } = await page.evaluate(async () => {
    const section = document.querySelector('reply-desk').shadowRoot.querySelector('.thread');
    const articles = () => section.querySelectorAll('article.comment');
    const more = section.querySelector('[data-act=more]');
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    let longest = 0;
    while (!more.hidden) {
      const before = articles().length;
      more.click();
      for (let last = performance.now(); articles().length === before || more.ariaDisabled === 'true'; last = performance.now()) {
        await frame();
        longest = Math.max(longest, performance.now() - last);
      }
    }
    section.querySelector('.bar button:not([hidden])')?.click();
    return { ids: [...articles()].map(({ id }) => id.slice(8)), longest };
  });
  t.diagnostic(`the longest frame took ${Math.round(longest)} ms`);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length > 10_000);
  const shown = new Set(ids);
  assert.deepEqual(all.filter((comment) => !shown.has(comment.id)), []);
});

test('a reader with a keyboard alone reaches and does everything', async (t) => {
  const path = newPage();
  const [root] = await write(path, 1, () => ({ name: 'Ada' }));
  await server.comment({ page: path, name: 'Bob', body: 'An answer.', parent: root.id });
  const { page } = await openArticle(t, path);
  await heading(page).getByText('2 comments').waitFor();
  const reached = [];
  for (let i = 0; i < 40; i += 1) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => {
      const shown = document.activeElement?.shadowRoot?.activeElement;
      if (!shown) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(shown);
      return { what: shown.dataset.act ?? shown.id ?? '', name: shown.localName, isSeen: outlineStyle !== 'none' && outlineWidth !== '0px' };
    });
    if (here) reached.push(here);
  }
  const names = reached.map(({ what, name }) => what || name);
  for (const name of ['rd-body', 'rd-name', 'rd-email', 'select', 'like', 'reply', 'share', 'report', 'summary']) assert.ok(names.includes(name), `${name} in ${names}`);
  assert.deepEqual(reached.filter(({ isSeen }) => !isSeen), [], 'the focus is seen');
  await page.locator('[data-act=reply]').first().focus();
  await page.keyboard.press('Enter');
  await until(async () => (await focused(page)) === 'rd-body');
  await page.getByText('Replying to Ada').first().waitFor();
});

test('nothing serious is found by axe, in light and dark, with every kind of comment', async (t) => {
  const path = newPage();
  const [root, second] = await write(path, 2, () => ({ name: 'Ada', url: 'https://ada.example', body: 'A *thread* with `code`, https://a.example and\n\n> a quote\n\n- a list' }));
  await server.comment({ page: path, name: 'Bob', body: 'An answer.', parent: root.id });
  await server.comment({ page: path, name: 'Bob', body: 'An answer.', parent: second.id });
  await server.decide(second.id, 'reject', (await server.see(second.id)).version);
  for (const colorScheme of ['light', 'dark']) {
    const { page } = await openArticle(t, path, {
      hash: `#comment-${root.id}`,
      options: { colorScheme },
      head: '<style>:root { color-scheme: light dark }</style>',
      before: (tab) => tab.addInitScript((key) => sessionStorage.setItem(key, JSON.stringify({ at: 1 })), `replydesk:visit:${path}`),
    });
    await page.locator('.marked').waitFor();
    await page.getByRole('button', { name: 'Report the comment by' }).first().click();
    await page.locator('.panel textarea').waitFor();
    await page.evaluate(await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8'));
    const found = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(found.violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.flat().join(' '))]), [], colorScheme);
  }
});
