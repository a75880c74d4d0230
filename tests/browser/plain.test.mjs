// The comment form where no script runs: the browser posts it, the server answers with pages.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { fill, openTab, reader, startBrowser, startServer } from './harness.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openDemo(t) {
  const { page } = await openTab(browser, { javaScriptEnabled: false });
  t.after(() => page.context().close());
  await page.goto(`${server.url}/demo`);
  return page;
}

// Playwright asks a script of the page whether the button stands still; here there is none to ask.
const click = (locator) => locator.click({ force: true });
const send = (page) => click(page.getByRole('button', { name: 'POST COMMENT' }));

test('a comment comes back to the article, waits, and stands there once approved; so does a reply', async (t) => {
  const page = await openDemo(t);
  await fill(page, { ...reader, body: 'Sent without a script.' });
  await send(page);
  await page.waitForURL(/\/demo\?replydesk=pending#comment-/);
  await page.getByText('Your comment is awaiting moderation.').waitFor();
  assert.equal((await server.waiting('Sent without a script.')).captcha.outcome, 'missing');
  assert.equal(await page.locator('#rd-thread').getByText('Sent without').count(), 0);

  await server.approve('Sent without a script.');
  await page.goto(`${server.url}/demo`);
  const comment = page.locator('.comment', { hasText: 'Sent without a script.' });
  await click(comment.getByRole('link', { name: /^Reply/ }));
  assert.equal(await page.locator('#rd-replying-name').innerText(), reader.name);
  await fill(page, { ...reader, body: 'And this answers it.' });
  await send(page);
  await page.waitForURL(/replydesk=pending/);
  await server.approve('And this answers it.');
  await page.goto(`${server.url}/demo`);
  assert.match(await page.locator('#rd-thread > li > ol > li .comment').innerText(), /And this answers it\./);
});

test('a refused form keeps every typed word and can be sent again', async (t) => {
  const page = await openDemo(t);
  const typed = { body: '  Two  spaces,\nlines & "quotes" <b>kept</b>', name: 'Zoë & "Co"', email: 'zoe@', url: 'https://zoe.example/?a=1&b=2' };
  await fill(page, typed);
  await send(page);
  await page.getByRole('heading', { name: 'Please check your comment' }).waitFor();
  assert.match(page.url(), /\/comments$/);
  assert.equal(await page.locator('#rd-email-fault').innerText(), 'You have entered an incorrect email address!');
  for (const [name, text] of Object.entries(typed)) assert.equal(await page.locator(`#rd-${name}`).inputValue(), text);
  assert.equal(await page.getByRole('link', { name: 'go back to the article' }).getAttribute('href'), '/demo');

  await fill(page, { email: 'zoe@example.org' });
  await send(page);
  await page.waitForURL(/\/demo\?replydesk=pending/);
  const { name, email, url } = await server.waiting(typed.body.trim());
  assert.deepEqual({ name, email, url }, { name: typed.name, email: 'zoe@example.org', url: typed.url });
});

test('an empty form names all that is missing, each with a link to its field', async (t) => {
  const page = await openDemo(t);
  await send(page);
  const summary = page.getByRole('alert').first();
  const links = await summary.getByRole('link').evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute('href')]));
  assert.deepEqual(links.sort(), [
    ['Please enter your comment!', '#rd-body'],
    ['Please enter your email address here', '#rd-email'],
    ['Please enter your name here', '#rd-name'],
  ]);
});
