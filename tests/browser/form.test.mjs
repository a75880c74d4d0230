// The comment form where scripts run: faults in place, the proof of work unseen, the thread kept up.

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

const send = (page) => page.getByRole('button', { name: 'POST COMMENT' }).click();

async function openDemo(t, at = server) {
  const tab = await openTab(browser);
  t.after(() => tab.page.context().close());
  await tab.page.goto(`${at.url}/demo`);
  return tab;
}

const focused = (page) => page.evaluate(() => document.activeElement?.id);

test('an empty form says beside each field what is missing and goes to the first', async (t) => {
  const { page } = await openDemo(t);
  await send(page);
  await page.getByText('Please enter your comment!').waitFor();
  assert.equal(await page.locator('#rd-body-fault').innerText(), 'Please enter your comment!');
  assert.equal(await page.locator('#rd-name-fault').innerText(), 'Please enter your name here');
  assert.equal(await page.locator('#rd-email-fault').innerText(), 'Please enter your email address here');
  assert.equal(await focused(page), 'rd-body');
  assert.equal(await page.locator('#rd-body').getAttribute('aria-invalid'), 'true');

  await fill(page, { body: 'Nice bridge.', name: 'Ada', email: 'ada@' });
  await send(page);
  await page.getByText('You have entered an incorrect email address!').waitFor();
  assert.equal(await page.locator('#rd-email-fault').innerText(), 'You have entered an incorrect email address!');
  assert.equal(await page.locator('#rd-body-fault').isVisible(), false);
  assert.equal(await focused(page), 'rd-email');
  assert.equal(await page.locator('#rd-body').inputValue(), 'Nice bridge.');
});

test('a comment waits, is approved and stands on the page, and so does a reply to it', async (t) => {
  const { page, complaints } = await openDemo(t);
  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/api/comments'));
  await fill(page, { ...reader, body: 'The oak was *worth* the wait.' });
  await send(page);
  await page.locator('.comment.pending').waitFor();
  assert.match(await page.locator('.comment.pending').innerText(), /awaiting moderation/);
  assert.equal(await page.locator('#rd-body').inputValue(), '');
  assert.ok((await sent).postDataJSON().captcha, 'the proof of work was sent along');
  const item = await server.waiting('The oak was *worth* the wait.');
  assert.equal(item.captcha.outcome, 'pass');
  await page.reload();
  assert.equal(await page.getByText('The oak was').count(), 0, 'nothing is shown before the approval');

  await server.approve('The oak was *worth* the wait.');
  await page.reload();
  const comment = page.locator('.comment', { hasText: 'The oak was' });
  assert.equal(await comment.locator('em').innerText(), 'worth');
  assert.equal(await page.locator('#comments-title').innerText(), 'One comment');

  await comment.getByRole('link', { name: /^Reply/ }).click();
  assert.equal(await page.locator('#rd-replying-name').innerText(), reader.name);
  assert.equal(await focused(page), 'rd-body');
  await fill(page, { name: 'Tomas', email: 'tomas@example.org', body: 'So were the lamps.' });
  await send(page);
  await page.locator('.comment.pending').waitFor();
  await server.approve('So were the lamps.');
  await page.reload();
  const reply = page.locator('#rd-thread > li > ol > li .comment');
  assert.match(await reply.innerText(), /So were the lamps\./);
  assert.deepEqual(complaints, [], 'the page keeps to its own content security policy');
});

test('a score under the threshold offers a review, which brings the comment to the queue', async (t) => {
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
  const { page } = await openDemo(t, strict);
  await fill(page, { ...reader, body: 'I am not a script.' });
  await send(page);
  const summary = page.locator('#rd-summary');
  await summary.getByText('CAPTCHA user score failed.').waitFor();
  assert.match(await summary.innerText(), /Please contact us!\s+Reference: \S+/);
  assert.match(await summary.getByRole('link', { name: 'Please contact us!' }).getAttribute('href'), /^mailto:desk@news\.example/);
  assert.equal(await page.locator('#rd-body').inputValue(), 'I am not a script.');

  await summary.getByRole('button', { name: 'Send for review' }).click();
  await page.locator('.comment.pending').waitFor();
  assert.equal((await strict.waiting('I am not a script.')).captcha.outcome, 'missing');
});

test('the form is filled in and sent by keyboard alone', async (t) => {
  const { page } = await openDemo(t);
  const { keyboard } = page;
  for (let steps = 0; (await focused(page)) !== 'rd-body'; steps += 1) {
    assert.ok(steps < 40, 'the form is reached with the Tab key');
    await keyboard.press('Tab');
  }
  await keyboard.type('Typed without a mouse.');
  for (const [id, text] of [['rd-name', 'Ines'], ['rd-email', 'ines@example.org'], ['rd-url', '']]) {
    await keyboard.press('Tab');
    assert.equal(await focused(page), id);
    await keyboard.type(text);
  }
  await keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'POST COMMENT');
  await keyboard.press('Enter');
  await page.locator('.comment.pending').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.classList.contains('pending')), true, 'the focus goes to what became of it');
  assert.ok(await server.waiting('Typed without a mouse.'));
});

test('hostile names and texts are shown as the text they are', async (t) => {
  const { page, complaints } = await openDemo(t);
  const name = '"><b onclick=x>Eve';
  const body = '<script>window.hit = 1</script><img src=x onerror="window.hit = 1"> [go](javascript:window.hit=1) {{ 7 * 7 }}';
  await fill(page, { name, email: 'eve@example.org', body });
  await send(page);
  await page.locator('.comment.pending').waitFor();
  const check = async (comment) => {
    assert.equal(await comment.locator('h3').innerText(), name);
    assert.match(await comment.innerText(), /<script>window\.hit = 1<\/script><img src=x onerror="window\.hit = 1">/);
    assert.match(await comment.innerText(), /\{\{ 7 \* 7 \}\}/);
    assert.equal(await comment.locator('script, img, h3 b, a[href^="javascript:"]').count(), 0);
    assert.equal(await page.evaluate(() => 'hit' in window), false);
  };
  await check(page.locator('.comment.pending'));
  await server.approve(body);
  await page.reload();
  await check(page.locator('.comment', { hasText: 'Eve' }));
  assert.deepEqual(complaints, []);
});

test('what was typed survives a reload', async (t) => {
  const { page } = await openDemo(t);
  await fill(page, { ...reader, body: 'Half a thought about the' });
  await page.reload();
  await page.waitForFunction(() => document.querySelector('#rd-body')?.value === 'Half a thought about the');
  assert.equal(await page.locator('#rd-email').inputValue(), reader.email);
});
