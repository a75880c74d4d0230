// A WordPress theme's article with its own form, of which only the `action` was changed: it works with and without
// scripts, comes back to the article, keeps every word of a refusal, and answers comments. Browsers tell a server at
// another origin no more than the host's own, so the article is known by its number.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { openTab, siteAt, startBrowser, startHost, startServer } from './harness.mjs';

const PAGE = '/2026/11/ferry-on-sundays/';
const template = readFileSync(new URL('wordpress.html', import.meta.url), 'utf8');

let server, host, browser;
let parent = '0';
before(async () => {
  const body = () => template.replace('{{action}}', `${server.url}/wp-comments-post.php`).replace('{{parent}}', parent);
  // As WordPress does, the number's address leads on to the article's own; the browser keeps the fragment.
  host = await startHost((path, query) => {
    if (path === '/' && query.get('p') === '42') return { status: 301, headers: { Location: `${PAGE}?${query}` } };
    return path === PAGE ? { type: 'text/html; charset=utf-8', body: body() } : null;
  });
  [server, browser] = await Promise.all([startServer(`${siteAt(host.url)}page_by_id = "${host.url}/?p={id}"\n`), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await host?.stop();
  await server?.stop();
});

async function article(t, javaScriptEnabled) {
  const { page } = await openTab(browser, { javaScriptEnabled });
  t.after(() => page.context().close());
  await page.goto(host.url + PAGE);
  return page;
}

async function send(page, values) {
  for (const [name, text] of Object.entries(values)) await page.locator(`[name="${name}"]`).fill(text);
  // By its key: nothing of ours runs here, so nobody could say whether the button stands still for a click.
  await page.locator('#submit').press('Enter');
}

for (const javaScriptEnabled of [true, false]) {
  const scripts = javaScriptEnabled ? 'with' : 'without';
  test(`${scripts} scripts a comment comes back to the article and waits`, async (t) => {
    const page = await article(t, javaScriptEnabled);
    await send(page, { comment: `Sent ${scripts} scripts.`, author: 'Grace', email: 'grace@example.org', url: 'https://grace.example' });
    await page.waitForURL((url) => url.origin === host.url && url.pathname === PAGE && url.searchParams.get('replydesk') === 'pending' && url.hash.startsWith('#comment-'));
    const { name, email, url, page: of, captcha } = await server.waiting(`Sent ${scripts} scripts.`);
    assert.deepEqual({ name, email, url, captcha: captcha.outcome }, { name: 'Grace', email: 'grace@example.org', url: 'https://grace.example/', captcha: 'missing' });
    assert.equal(of, `${host.url}/?p=42`);
  });
}

test('a refusal keeps every word, and sent again it comes through', async (t) => {
  const page = await article(t, false);
  await send(page, { comment: 'A ferry <b>at last</b> & on Sundays.', author: 'Zoë', email: 'zoe@', url: 'https://zoe.example/?a=1&b=2' });
  await page.getByRole('heading', { name: 'Please check your comment' }).waitFor();
  assert.equal(await page.locator('#rd-email-fault').innerText(), 'You have entered an incorrect email address!');
  assert.equal(await page.locator('[name="body"]').inputValue(), 'A ferry <b>at last</b> & on Sundays.');
  await page.locator('[name="email"]').fill('zoe@example.org');
  await page.getByRole('button', { name: 'POST COMMENT' }).press('Enter');
  await page.waitForURL((url) => url.origin === host.url && url.pathname === PAGE);
  assert.equal((await server.waiting('A ferry <b>at last</b> & on Sundays.')).url, 'https://zoe.example/?a=1&b=2');
});

test('what the theme’s reply link puts into the form makes an answer', async (t) => {
  const { id } = await server.comment({ page: `${host.url}/?p=42`, body: 'The first word.' });
  await server.approveAll([id]);
  parent = id;
  t.after(() => (parent = '0'));
  const page = await article(t, false);
  await send(page, { comment: 'The second word.', author: 'Grace', email: 'grace@example.org' });
  await page.waitForURL(/replydesk=pending/);
  assert.equal((await server.waiting('The second word.')).parent, id);
});
