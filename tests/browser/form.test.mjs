// The page that a form sent without scripts comes to when it is refused: where scripts run, they take it over from there.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
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

const ENGLISH = new URL('../../web/texts/widget/en.json', import.meta.url);
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** The failure page, reached with the form of an article that has no script. */
async function refused(t, values, at = server) {
  const tab = await openTab(browser);
  const { page } = tab;
  t.after(() => page.context().close());
  const fields = Object.entries({ page: '/article', name: '', email: '', ...values }).map(([name, value]) => `<textarea name="${name}">\n${escaped(value)}</textarea>`);
  const article = `<!doctype html><meta charset="utf-8"><title>Bridge</title><form action="/comments" method="post">${fields.join('')}<button>Send</button></form>`;
  await page.route(`${at.url}/article*`, (route) => route.fulfill({ contentType: 'text/html', body: article }));
  await page.route('**/embed/texts/*.json*', async (route) => route.fulfill({ contentType: 'application/json', body: await readFile(ENGLISH, 'utf8') }));
  await page.goto(`${at.url}/article`);
  const words = page.waitForResponse((answer) => answer.url().includes('/embed/texts/'));
  await page.getByRole('button').click();
  await (await words).finished();
  // The form is taken over right after its words are there.
  await page.evaluate(() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then))));
  return tab;
}

const send = (page) => page.getByRole('button', { name: 'POST COMMENT' }).click();
const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
const expected = (words) => /status of 4\d\d/.test(words);

test('what was refused is mended and sent without leaving the page', async (t) => {
  const { page, complaints } = await refused(t, { ...reader, email: 'ada@', body: 'The *oak* was worth the wait.' });
  await page.getByRole('heading', { name: 'Please check your comment' }).waitFor();
  const before = page.locator('main .summary').first();
  assert.match(await before.innerText(), /incorrect email address/);
  await fill(page, { name: '' });
  await send(page);
  await page.getByText('Please enter your name here').waitFor();
  assert.equal(await focused(page), 'rd-name');
  assert.equal(await page.locator('#rd-email-fault').innerText(), 'You have entered an incorrect email address!');
  assert.equal(await page.locator('main > .sheet > .summary').count(), 0, 'what was said about the last try is over');

  await fill(page, reader);
  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().includes('/api/comments'));
  await send(page);
  await page.getByRole('heading', { name: /awaiting moderation/ }).waitFor();
  assert.ok((await sent).postDataJSON().captcha, 'the proof of work was sent along');
  assert.match(await focused(page), /awaiting moderation/);
  assert.match(await page.title(), /awaiting moderation/);
  assert.equal(await page.getByRole('link', { name: 'Back to the article' }).getAttribute('href'), '/article');
  assert.equal((await server.waiting('The *oak* was worth the wait.')).captcha.outcome, 'pass');
  assert.deepEqual(complaints.filter((words) => !expected(words)), [], 'the page keeps to its own content security policy');
});

test('hostile names and texts are shown as the text they are', async (t) => {
  const typed = { name: '"><b onclick=x>Eve', body: '</textarea><script>window.hit = 1</script><img src=x onerror="window.hit = 1">' };
  const { page } = await refused(t, { ...typed, email: 'eve@' });
  assert.equal(await page.locator('#rd-name').inputValue(), typed.name);
  assert.equal(await page.locator('#rd-body').inputValue(), typed.body);
  assert.equal(await page.evaluate(() => 'hit' in window), false);
});

test('a reply says whom it answers and may go alone', async (t) => {
  const { id } = await server.comment({ page: '/article', name: 'Tomas', body: 'The lamps are too low.' });
  await server.approve('The lamps are too low.');
  const { page } = await refused(t, { ...reader, email: 'ada@', body: 'They are not.', parent: id });
  assert.match(await page.locator('#rd-replying').innerText(), /Replying to/);
  await page.getByRole('link', { name: 'Cancel reply' }).click();
  assert.equal(await page.locator('#rd-replying').isVisible(), false);
  assert.equal(await focused(page), 'rd-body');
  await fill(page, reader);
  await send(page);
  await page.getByRole('heading', { name: /awaiting moderation/ }).waitFor();
  assert.equal((await server.waiting('They are not.')).parent, null);
});

test('a score under the threshold offers a review on this page too', async (t) => {
  const strict = await startServer(`
[captcha]
reject_below = 0.99
hold_below = 0.99
[[site]]
id = "strict"
origins = ["https://news.example"]
contact = "mailto:desk@news.example"
`);
  t.after(() => strict.stop());
  const { page } = await refused(t, { ...reader, email: 'ada@', body: 'I am not a script.' }, strict);
  await fill(page, reader);
  await send(page);
  const summary = page.locator('#rd-summary');
  await summary.getByText('CAPTCHA user score failed.').waitFor();
  assert.match(await summary.getByRole('link', { name: 'Please contact us!' }).getAttribute('href'), /^mailto:desk@news\.example/);
  await summary.getByRole('button', { name: 'Send for review' }).click();
  await page.getByRole('heading', { name: /awaiting moderation/ }).waitFor();
  assert.equal((await strict.waiting('I am not a script.')).captcha.outcome, 'missing');
});

test('without the words of the widget the form posts as it is', async (t) => {
  const { page } = await refused(t, { ...reader, email: 'ada@', body: 'Posted plainly.' });
  await page.route('**/embed/texts/*.json*', (route) => route.abort());
  await page.reload();
  await page.waitForLoadState('networkidle');
  await fill(page, reader);
  await send(page);
  await page.waitForURL(/replydesk=pending/);
  assert.equal((await server.waiting('Posted plainly.')).captcha.outcome, 'missing');
});
