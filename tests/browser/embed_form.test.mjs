// The widget's form in every state it can come into: what it says, where the focus is, and that no word is lost.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import axe from 'axe-core';

import { fill, openTab, reader, startBrowser, startServer } from './harness.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const TEXTS = new URL('../../web/texts/widget/', import.meta.url);
const SCRIPT = '/assets/embed/element.js';
const RULES = { lang: 'en', email: 'required', body_min: 2, body_max: 10_000, max_depth: 5 };
const COMMENTS = '**/api/comments?lang=*';

/** An article with the widget. `rules`: what the site says of its form, null where it does not answer. */
async function openArticle(t, { at = server, path = '/article', inside = '', rules = RULES, lang = 'en', held, awaits = '#rd-body', context } = {}) {
  const tab = context ? { page: await context.newPage() } : await openTab(browser);
  t.after(() => tab.page.context().close());
  const { page } = tab;
  const article = `<!doctype html><html lang="${lang}"><meta charset="utf-8"><title>Bridge</title><script type="module" src="${SCRIPT}"></script>
    <body><main><h1>Bridge</h1><p>A story.</p><reply-desk page="${path}">${inside}</reply-desk></main>`;
  await page.context().route(`${at.url}${path}*`, (route) => route.fulfill({ contentType: 'text/html', body: article }));
  await page.context().route('**/embed/texts/*.json*', async (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1);
    await route.fulfill({ contentType: 'application/json', body: await readFile(new URL(name, TEXTS), 'utf8').catch(() => readFile(new URL('en.json', TEXTS), 'utf8')) });
  });
  await page.context().route('**/api/form?*', (route) => (rules ? route.fulfill({ json: rules }) : route.abort()));
  if (held) await page.route(`**${SCRIPT}`, (route) => void held.then(() => route.fallback()));
  const events = [];
  await page.exposeFunction('told', (name, detail) => events.push([name, detail]));
  await page.addInitScript(() => {
    for (const name of ['submit', 'submitted', 'error']) addEventListener(`replydesk:${name}`, ({ detail }) => window.told(name, detail));
  });
  await page.goto(at.url + path, { waitUntil: held ? 'commit' : 'load' });
  await page.locator(held ? 'textarea' : awaits).first().waitFor();
  return { ...tab, events };
}

const send = (page) => page.getByRole('button', { name: 'POST COMMENT' }).click();
const summary = (page) => page.locator('#rd-summary');
const said = (page) => page.locator('#rd-status').innerText();
const body = (page) => page.locator('#rd-body').inputValue();
const waiting = (page) => page.locator('.comment', { hasText: 'Awaiting moderation' });
/** The id of what has the focus, or its words. */
const focused = (page) =>
  page.evaluate(() => {
    let here = document.activeElement;
    while (here?.shadowRoot?.activeElement) here = here.shadowRoot.activeElement;
    return here?.id || here?.textContent;
  });
const kept = (page, storage) => page.evaluate((name) => JSON.stringify(window[name]), storage);
const problem = (status, more, headers = {}) => ({ status, headers: { 'content-type': 'application/problem+json', ...headers }, body: JSON.stringify({ status, ...more }) });

test('an empty form says beside each field what is missing and goes to the first', async (t) => {
  const { page, events } = await openArticle(t);
  await send(page);
  await page.getByText('Please enter your comment!').waitFor();
  assert.equal(await page.locator('#rd-body-fault').innerText(), 'Please enter your comment!');
  assert.equal(await page.locator('#rd-name-fault').innerText(), 'Please enter your name here');
  assert.equal(await page.locator('#rd-email-fault').innerText(), 'Please enter your email address here');
  assert.equal(await focused(page), 'rd-body');
  assert.equal(await page.locator('#rd-body').getAttribute('aria-invalid'), 'true');
  assert.match(await page.locator('#rd-body').evaluate((field) => field.getAttribute('aria-describedby')), /rd-body-fault/);
  assert.deepEqual(events, [['submit', {}], ['error', { code: 'validation_failed', status: 422 }]]);

  await fill(page, { body: 'Nice bridge.', name: 'Ada', email: 'ada@' });
  await send(page);
  await page.getByText('You have entered an incorrect email address!').waitFor();
  assert.equal(await page.locator('#rd-body-fault').isVisible(), false);
  assert.equal(await page.locator('#rd-body').getAttribute('aria-invalid'), null);
  assert.equal(await focused(page), 'rd-email');
  assert.equal(await body(page), 'Nice bridge.');
});

test('a fault of something that the form does not show is said above the button', async (t) => {
  const { page } = await openArticle(t);
  const errors = [{ field: 'page', code: 'invalid', message: 'The page is unknown.' }, { field: 'a.b"]', code: 'invalid', message: 'Odd.' }];
  await page.route(COMMENTS, (route) => route.fulfill(problem(422, { code: 'validation_failed', detail: 'Please check.', errors })));
  await send(page);
  await summary(page).getByText('The page is unknown.').waitFor();
  assert.match(await summary(page).innerText(), /^Please check\.\s+The page is unknown\.\s+Odd\.$/);
  assert.equal(await focused(page), 'rd-summary');
});

test('a comment waits; only its text leaves the form', async (t) => {
  const { page, events, complaints } = await openArticle(t);
  await fill(page, { ...reader, url: 'https://ada.example', body: 'The oak was worth the wait.' });
  const asked = page.waitForRequest((request) => request.method() === 'POST' && request.url().includes('/api/comments'));
  await send(page);
  await waiting(page).waitFor();
  const sent = (await asked).postDataJSON();
  assert.ok(sent.captcha, 'the proof of work was sent along');
  assert.deepEqual([sent.title, sent.parent, sent.contact_ref], ['Bridge', null, null]);
  assert.match(await said(page), /awaiting moderation/i);
  assert.deepEqual([await body(page), await page.locator('#rd-name').inputValue()], ['', reader.name]);
  const item = await server.waiting('The oak was worth the wait.');
  assert.equal(item.captcha.outcome, 'pass');
  assert.deepEqual(events, [['submit', {}], ['submitted', { id: item.id, status: 'pending' }]]);
  assert.doesNotMatch(await kept(page, 'sessionStorage'), /worth the wait.*draft|Bridge/);
  assert.doesNotMatch(await kept(page, 'localStorage'), /ada@/);
  assert.deepEqual(complaints, []);
});

test('name and address are kept longer only while the box is ticked', async (t) => {
  const { page } = await openArticle(t);
  const box = page.getByLabel('Save my name and email in this browser');
  await fill(page, { ...reader, body: 'Keep my name, please.' });
  await box.check();
  assert.equal(await kept(page, 'localStorage'), '{}', 'nothing before it was sent');
  await send(page);
  await waiting(page).waitFor();
  const { name, email, author_token } = JSON.parse(JSON.parse(await kept(page, 'localStorage'))['replydesk:me']);
  assert.deepEqual({ name, email }, reader);
  assert.ok(author_token);

  const again = await page.context().newPage();
  await again.goto(`${server.url}/article`);
  await again.locator('#rd-body').waitFor();
  assert.equal(await again.locator('#rd-email').inputValue(), reader.email);
  assert.equal(await again.getByLabel(/^Save my name/).isChecked(), true);
  await again.getByLabel(/^Save my name/).uncheck();
  await fill(again, { body: 'And now forget me.' });
  const asked = again.waitForRequest((request) => request.method() === 'POST' && request.url().includes('/api/comments'));
  await send(again);
  await waiting(again).filter({ hasText: 'forget me' }).waitFor();
  assert.equal((await asked).postDataJSON().author_token, author_token, 'the author is still the one with the record');
  assert.equal(await kept(again, 'localStorage'), '{}');
});

test('what was typed survives a reload, with whom it answers', async (t) => {
  const { page } = await openArticle(t);
  await fill(page, { ...reader, body: 'Half a thought about the' });
  await page.evaluate(() => sessionStorage.getItem('replydesk:draft:/article'));
  await page.reload();
  await page.locator('#rd-body').waitFor();
  assert.equal(await body(page), 'Half a thought about the');
  assert.equal(await page.locator('#rd-email').inputValue(), reader.email);
});

test('without an answer the text is kept and the same comment is sent again, even after a reload, and stored once', async (t) => {
  const { page, events } = await openArticle(t);
  const keys = [];
  let loses = true;
  await page.route(COMMENTS, async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    if (!loses) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await fill(page, { ...reader, name: 'Lost', email: 'lost@example.org', body: 'Was it stored?' });
  await send(page);
  await summary(page).getByText('there was no answer').waitFor();
  assert.deepEqual(events.at(-1), ['error', { code: 'offline', status: 0 }]);
  assert.equal(await body(page), 'Was it stored?');
  assert.ok(await server.waiting('Was it stored?'));

  await page.reload();
  await page.locator('#rd-body').waitFor();
  loses = false;
  await page.evaluate(() => (document.title = '(1) Bridge'));
  await send(page);
  await waiting(page).waitFor();
  assert.ok(keys.length === 2 && keys[0] === keys[1]);
  assert.ok(await server.waiting('Was it stored?'), 'there is exactly one');
});

test('a retry is at hand where one helps, and the focus stays in the form', async (t) => {
  const { page } = await openArticle(t);
  let isDown = true;
  await page.route(COMMENTS, (route) => (isDown ? route.fulfill({ status: 503, body: '<h1>busy', contentType: 'text/html' }) : route.continue()));
  await fill(page, { ...reader, name: 'Twice', email: 'twice@example.org', body: 'Once more, please.' });
  await send(page);
  await summary(page).getByText('could not be saved just now').waitFor();
  isDown = false;
  await summary(page).getByRole('button', { name: 'Try again' }).focus();
  await page.keyboard.press('Enter');
  await waiting(page).waitFor();
  assert.equal(await summary(page).isVisible(), false);
});

test('who sends too quickly is told how long to wait, and when it is over', async (t) => {
  const { page, events } = await openArticle(t);
  await page.clock.install();
  // From here on it stands but for what is said below.
  await page.clock.pauseAt(Date.now() + 1000);
  const limited = problem(429, { code: 'rate_limited', detail: 'You are sending too quickly.' }, { 'Retry-After': '75', 'Access-Control-Expose-Headers': 'Retry-After' });
  await page.route(COMMENTS, (route) => route.fulfill(limited));
  await send(page);
  await summary(page).getByText('You are sending too quickly.').waitFor();
  const seen = summary(page).locator('[aria-hidden]');
  assert.equal(await seen.innerText(), 'You can send it again in 75 seconds.');
  assert.equal(await summary(page).locator('.unseen').textContent(), 'You can send it again in 75 seconds.');
  assert.deepEqual(events.at(-1), ['error', { code: 'rate_limited', status: 429 }]);
  await page.clock.runFor(5000);
  assert.equal(await seen.innerText(), 'You can send it again in 70 seconds.');
  assert.equal(await summary(page).locator('.unseen').textContent(), 'You can send it again in 75 seconds.');
  await page.clock.runFor(71_000);
  assert.equal(await said(page), 'You can send it now.');
  assert.equal(await seen.count(), 0);
  assert.equal(await summary(page).getByRole('button', { name: 'Try again' }).count(), 1);
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
  const { page } = await openArticle(t, { at: strict });
  await fill(page, { ...reader, body: 'I am not a script.' });
  await send(page);
  await summary(page).getByText('CAPTCHA user score failed.').waitFor();
  assert.match(await summary(page).innerText(), /Please contact us!\s+Reference: \S+/);
  assert.match(await summary(page).getByRole('link', { name: 'Please contact us!' }).getAttribute('href'), /^mailto:desk@news\.example/);
  assert.equal(await body(page), 'I am not a script.');
  await summary(page).getByRole('button', { name: 'Send for review' }).click();
  await waiting(page).waitFor();
  assert.equal((await strict.waiting('I am not a script.')).captcha.outcome, 'missing');
});

test('what a server says is text, and leads nowhere it must not', async (t) => {
  const { page } = await openArticle(t);
  const hostile = { code: 'banned', detail: '<img src=x onerror="window.hit=1"> No.', contact: 'javascript:window.hit=1', reference: '<b>R</b>' };
  await page.route(COMMENTS, (route) => route.fulfill(problem(403, hostile)));
  await send(page);
  await summary(page).getByText('No.').waitFor();
  assert.match(await summary(page).innerText(), /<img src=x onerror="window\.hit=1"> No\.\s+Reference: <b>R<\/b>/);
  assert.equal(await summary(page).locator('a[href], b, img, button').count(), 0);
  assert.equal(await page.evaluate(() => 'hit' in window), false);
});

/** A comment that stands on the page. */
async function approved(path, name, text) {
  const { id } = await server.comment({ page: path, name, body: text });
  await server.approve(text);
  return id;
}
const reply = (page, name) => page.getByRole('button', { name: `Reply to ${name}` });

test('a reply names whom it answers, survives a reload and can be taken back', async (t) => {
  const id = await approved('/replies', '"><b>Tomas</b>', 'The lamps are too low.');
  const { page } = await openArticle(t, { path: '/replies' });
  await reply(page, '"><b>Tomas</b>').click();
  assert.equal(await page.locator('#rd-replying p').innerText(), 'Replying to "><b>Tomas</b>');
  assert.equal(await focused(page), 'rd-body');
  await page.reload();
  await page.locator('#rd-replying').waitFor();
  assert.equal(await page.locator('#rd-replying p').innerText(), 'Replying to "><b>Tomas</b>');
  await reply(page, '"><b>Tomas</b>').waitFor();
  await page.getByRole('button', { name: 'Cancel reply' }).click();
  assert.equal(await page.locator('#rd-replying').isVisible(), false);
  assert.equal(await focused(page), 'Reply', 'of the comment that was answered');
  await reply(page, '"><b>Tomas</b>').press('Enter');
  await page.getByRole('button', { name: 'Cancel reply' }).press('Enter');
  assert.equal(await focused(page), 'Reply', 'where the reply began');

  await reply(page, '"><b>Tomas</b>').press('Enter');
  await fill(page, { ...reader, body: 'That is for the bats.' });
  await send(page);
  await waiting(page).waitFor();
  assert.equal((await server.waiting('That is for the bats.')).parent, id);
  assert.equal(await page.locator('#rd-replying').isVisible(), false);
});

test('a reply to a comment that has gone can be sent without it', async (t) => {
  const id = await approved('/gone', 'Tomas', 'I may regret this.');
  const { page, events } = await openArticle(t, { path: '/gone' });
  await reply(page, 'Tomas').click();
  await server.decide(id, 'reject');
  await fill(page, { ...reader, name: 'Late', email: 'late@example.org', body: 'You were right about the lamps.' });
  await send(page);
  await summary(page).getByText('no longer there').waitFor();
  assert.deepEqual(events.at(-1), ['error', { code: 'parent_not_found', status: 404 }]);
  assert.equal(await body(page), 'You were right about the lamps.');
  await summary(page).getByRole('button', { name: 'Send it as a comment of its own' }).click();
  await waiting(page).waitFor();
  assert.equal((await server.waiting('You were right about the lamps.')).parent, null);
  assert.equal(await page.locator('#rd-replying').isVisible(), false);
});

test('the page may stop a comment before it is sent', async (t) => {
  const { page } = await openArticle(t);
  await page.evaluate(() => addEventListener('replydesk:submit', (event) => event.preventDefault()));
  let posts = 0;
  await page.route(COMMENTS, (route) => (posts += 1) && route.abort());
  await fill(page, { ...reader, body: 'Not yet.' });
  await send(page);
  assert.equal(posts, 0);
  assert.equal(await body(page), 'Not yet.');
  assert.equal(await summary(page).isVisible(), false);
});

test('while one is sent the button says so and a second press sends nothing', async (t) => {
  const { page } = await openArticle(t);
  const posts = [];
  await page.route(COMMENTS, (route) => posts.push(route));
  await send(page);
  await page.waitForFunction(() => true);
  const button = page.getByRole('button', { name: 'POST COMMENT' });
  await page.locator('#rd-status', { hasText: 'Sending…' }).waitFor();
  while (!posts.length) await page.waitForTimeout(50);
  assert.equal(await button.getAttribute('aria-disabled'), 'true');
  await button.press('Enter');
  await fill(page, { body: 'typed meanwhile' });
  assert.equal(posts.length, 1);
  await posts[0].fulfill({ status: 202, json: { id: 'x', status: 'pending', message: 'Thanks.', author_token: 'a' } });
  await page.locator('#rd-status', { hasText: 'Thanks.' }).waitFor();
  assert.equal(await body(page), 'typed meanwhile', 'what was not sent stays');
  assert.equal(await button.getAttribute('aria-disabled'), 'false');
});

test('what was typed into the form that stood there before goes on, and so does the caret', async (t) => {
  const inside = `<form action="/comments" method="post"><textarea name="comment">Begun before the script came</textarea>
    <input name="author" value="Ines"><input name="email" value="ines@example.org"><input name="url"></form>`;
  const { page } = await openArticle(t, { inside });
  assert.equal(await body(page), 'Begun before the script came');
  assert.equal(await page.locator('#rd-name').inputValue(), 'Ines');
  assert.equal(await page.locator('#rd-email').inputValue(), 'ines@example.org');
});

test('who was typing when the widget came types on', async (t) => {
  const inside = '<form><textarea name="body"></textarea><input name="name"><input name="parent" type="hidden" value="0192"><b id="rd-replying-name"><bdi>Tomas</bdi></b></form>';
  let release;
  const held = new Promise((go) => (release = go));
  const { page } = await openArticle(t, { inside, path: '/early', held });
  await page.locator('textarea').click();
  await page.keyboard.type('One two');
  for (let back = 0; back < 4; back += 1) await page.keyboard.press('ArrowLeft');
  release();
  await page.locator('#rd-body').waitFor();
  assert.equal(await focused(page), 'rd-body');
  await page.keyboard.type(' and a half');
  assert.equal(await body(page), 'One and a half two');
  assert.equal(await page.locator('#rd-replying p').innerText(), 'Replying to Tomas');
  assert.equal(await page.locator('reply-desk').evaluate((desk) => desk.childElementCount), 0);
});

test('where comments are closed there is a sentence and no form, but no words are taken away', async (t) => {
  const closed = { page: { url: '/shut', title: null, closed: true }, total: 0, comments: [], next_cursor: null };
  const tab = await openTab(browser);
  await tab.page.context().route('**/api/comments?page=*', (route) => route.fulfill({ json: closed }));
  const { page } = await openArticle(t, { path: '/shut', context: tab.page.context(), awaits: '[part~=heading]' });
  await page.getByText('Comments on this article are closed.').waitFor();
  assert.equal(await page.locator('#rd-body').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'POST COMMENT' }).count(), 0);
  await page.evaluate(() => sessionStorage.setItem('replydesk:draft:/shut', JSON.stringify({ body: 'Written before.' })));
  await page.reload();
  await summary(page).getByText('Comments on this article are closed.').waitFor();
  assert.equal(await body(page), 'Written before.');
});

test('a draft that somebody else wrote into the storage breaks nothing', async (t) => {
  const { page, complaints } = await openArticle(t);
  for (const odd of ['7', '"text"', '[1]', '{"body":{"a":1},"target":7,"last":"x"}', '{"target":{"id":{}},"last":{"key":5,"content":9}}', 'null', '{']) {
    await page.evaluate((value) => sessionStorage.setItem('replydesk:draft:/article', value), odd);
    await page.evaluate((value) => localStorage.setItem('replydesk:me', value), odd);
    await page.reload();
    await page.locator('#rd-body').waitFor();
    await fill(page, { body: '' });
    await send(page);
    await page.getByText('Please enter your comment!').waitFor();
  }
  assert.deepEqual(complaints.filter((words) => !/422/.test(words)), []);
});

test('a site that wants no email marks the field, and one that does not answer is taken as most are', async (t) => {
  const { page } = await openArticle(t, { rules: { ...RULES, email: 'optional' } });
  assert.equal(await page.getByLabel('Email (optional)').evaluate((field) => field.required), false);
  const { page: other } = await openArticle(t, { rules: null });
  assert.equal(await other.getByLabel('Email', { exact: true }).evaluate((field) => field.required), true);
});

test('the form is filled in and sent by keyboard alone', async (t) => {
  const { page } = await openArticle(t);
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
  await keyboard.press('Space');
  assert.equal(await page.getByLabel(/^Save my name/).isChecked(), true);
  await keyboard.press('Tab');
  assert.equal(await focused(page), 'POST COMMENT');
  await keyboard.press('Shift+Tab');
  for (let back = 0; back < 4; back += 1) await keyboard.press('Shift+Tab');
  assert.equal(await focused(page), 'rd-body');
  await keyboard.press('Control+Enter');
  await waiting(page).waitFor();
  assert.ok(await server.waiting('Typed without a mouse.'));
});

test('a page without https says that the check cannot run, and sends all the same', async (t) => {
  const plain = await startBrowser({ more: ['--host-resolver-rules=MAP news.test 127.0.0.1', '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests'] });
  t.after(() => plain.close());
  const tab = await openTab(plain);
  const at = { url: server.url.replace('127.0.0.1', 'news.test') };
  const { page } = await openArticle(t, { at, context: tab.page.context() });
  assert.equal(await page.evaluate(() => isSecureContext), false);
  const challenges = [];
  page.on('request', (request) => request.url().includes('/captcha/challenge') && challenges.push(request));
  await page.locator('#rd-body').focus();
  const line = page.getByRole('status').filter({ hasText: 'The automatic check cannot run on this page' });
  await line.waitFor();
  await send(page);
  await page.getByText('Please enter your comment!').waitFor();
  assert.ok(await line.isVisible(), 'it still says so');
  await fill(page, { ...reader, name: 'Plain', email: 'plain@example.org', body: 'From a page without https.' });
  await send(page);
  await waiting(page).waitFor();
  assert.equal((await server.waiting('From a page without https.')).captcha.outcome, 'missing');
  assert.equal(challenges.length, 0);
});

test('who waits long for the check may send without it', async (t) => {
  const { page } = await openArticle(t);
  await page.route('**/api/captcha/challenge?*', () => {});
  await page.clock.install();
  await fill(page, { ...reader, name: 'Slow', email: 'slow@example.org', body: 'An old telephone wrote this.' });
  await send(page);
  await page.locator('#rd-status', { hasText: 'checking that you are not a script' }).waitFor();
  await page.clock.runFor(9000);
  await summary(page).getByText('This takes a while on this device.').waitFor();
  await page.clock.resume();
  await summary(page).getByRole('button', { name: 'Send for review' }).press('Enter');
  await waiting(page).waitFor();
  assert.equal((await server.waiting('An old telephone wrote this.')).captcha.outcome, 'missing');
});

test('a check that cannot be loaded keeps nobody from writing', async (t) => {
  const { page } = await openArticle(t);
  await page.route('**/proof.js*', (route) => route.abort());
  await fill(page, { ...reader, name: 'Cut', email: 'cut@example.org', body: 'The line is bad here.' });
  await send(page);
  await waiting(page).waitFor();
  assert.equal((await server.waiting('The line is bad here.')).captcha.outcome, 'missing');
});

test('a machine that fills in everything is noticed; nobody else meets that field', async (t) => {
  const { page } = await openArticle(t);
  assert.equal(await page.getByRole('textbox', { name: 'Leave this empty' }).count(), 0, 'not for screen readers');
  const { width, height } = await page.locator('.unseen:has([name=contact_ref])').boundingBox();
  assert.ok(width <= 1 && height <= 1, 'not for eyes');
  await page.locator('[name=contact_ref]').evaluate((field) => (field.value = 'https://pills.example'));
  const asked = page.waitForRequest((request) => request.method() === 'POST' && request.url().includes('/api/comments'));
  await send(page);
  assert.equal((await asked).postDataJSON().contact_ref, 'https://pills.example');
});

test('where nothing may be stored the form works all the same', async (t) => {
  const tab = await openTab(browser);
  await tab.page.context().addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException('denied', 'SecurityError'); } });
    }
  });
  const { page } = await openArticle(t, { context: tab.page.context() });
  await page.getByLabel(/^Save my name/).check();
  await fill(page, { ...reader, name: 'Private', email: 'private@example.org', body: 'Nothing is kept here.' });
  await send(page);
  await waiting(page).waitFor();
});

test('the work begins with the first focus, and its module is fetched only then', async (t) => {
  const asked = [];
  const tab = await openTab(browser);
  tab.page.context().on('request', (request) => asked.push(request.url()));
  const { page } = await openArticle(t, { context: tab.page.context() });
  const isWork = (url) => /proof\.js|\/api\/captcha/.test(url);
  assert.deepEqual(asked.filter(isWork), []);
  const begun = page.waitForRequest((request) => request.url().includes('/api/captcha/challenge'));
  await page.locator('#rd-name').focus();
  await begun;
  assert.ok(asked.some((url) => url.includes('proof.js')));
});

/** Faults, a refusal with an offer, and whom a reply answers, all at once. */
async function everyState(page) {
  const detail = 'You are sending too quickly. Please wait a moment and try again.';
  await send(page);
  await page.getByText('Please enter your comment!').waitFor();
  const faulty = await seriousFaults(page);
  await page.route(COMMENTS, (route) => route.fulfill(problem(429, { code: 'rate_limited', detail, reference: 'ABCD-1234', contact: '/contact' }, { 'Retry-After': '75' })));
  await send(page);
  await summary(page).getByText('ABCD-1234').waitFor();
  return [...faulty, ...(await seriousFaults(page))];
}

async function seriousFaults(page) {
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() => window.axe.run('reply-desk'));
  assert.ok(passes.length > 10, 'axe looked');
  return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}

for (const colorScheme of ['light', 'dark']) {
  test(`in the ${colorScheme} scheme, on a narrow screen, nobody is shut out`, async (t) => {
    await approved(`/narrow-${colorScheme}`, 'Bartholomäus-Maximilian von und zu Hohenlohe-Langenburg', `Long names are names, ${colorScheme}.`);
    const { page: first } = await openTab(browser, { colorScheme, viewport: { width: 320, height: 640 } });
    const { page } = await openArticle(t, { path: `/narrow-${colorScheme}`, context: first.context() });
    await reply(page, 'Bartholomäus').click();
    assert.deepEqual(await everyState(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the screen');
    const small = await page.locator('.form').evaluate((form) =>
      [...form.querySelectorAll('button, input:not([name=contact_ref]), textarea')].filter((one) => (one.closest('label') ?? one).getBoundingClientRect().height < 24).map((one) => one.outerHTML),
    );
    assert.deepEqual(small, [], 'nothing to press is smaller than 24 pixels');
  });
}

test('from right to left the form is its mirror image, and a name from left to right keeps to itself', async (t) => {
  const { page } = await openArticle(t, { lang: 'ar', path: '/rtl' });
  const [x, width] = await page.locator('#rd-name').evaluate((field) => {
    const { x, width } = field.getBoundingClientRect();
    return [x, width];
  });
  assert.ok(x > (await page.locator('#rd-email').boundingBox()).x + width / 2, 'the name stands before the address');
  assert.equal(await page.locator('#rd-body').evaluate((field) => getComputedStyle(field).direction), 'rtl');
});

const change = (page, name, value) => page.locator('reply-desk').evaluate((desk, [name, value]) => desk.setAttribute(name, value), [name, value]);
/** Until the thread has been loaded once more than before. */
const reloaded = (page, act) => page.locator('reply-desk').evaluate((desk, [name, value]) => new Promise((ready) => {
  desk.addEventListener('replydesk:ready', () => setTimeout(ready), { once: true });
  if (name === 'again') {
    const home = desk.parentElement;
    desk.remove();
    return setTimeout(() => home.append(desk));
  }
  return desk.setAttribute(name, value);
}), act);
/** Lets the comments that are sent wait until `go`. */
async function slowly(page) {
  let go;
  const gone = new Promise((then) => (go = then));
  const posts = [];
  await page.route(COMMENTS, async (route) => {
    posts.push(route.request().postDataJSON());
    const answer = await route.fetch();
    await gone;
    await route.fulfill({ response: answer });
  });
  return { posts, go };
}

test('what the page changes about the element leaves the one who types alone', async (t) => {
  const path = '/changing';
  const id = await approved(path, 'Tomas', 'What do you think of the lamps?');
  const { page } = await openArticle(t, { path });
  await page.getByLabel(/^Save my name/).check();
  await reply(page, 'Tomas').click();
  await page.keyboard.type('One two');
  for (let back = 0; back < 4; back += 1) await page.keyboard.press('ArrowLeft');
  await change(page, 'page-title', 'Another title');
  await change(page, 'theme', 'dark');
  const changes = [['sort', 'newest'], ['depth', '2'], ['limit', '20'], ['form', 'end'], ['form', 'start'], ['lang', 'de'], ['lang', 'en'], ['src', `${server.url}/?`], ['src', '']];
  for (const [name, value] of changes) {
    await reloaded(page, [name, value]);
    await page.keyboard.type('.');
    assert.equal(await focused(page), 'rd-body', `${name}=${value}`);
    assert.equal(await page.locator('#rd-body').count(), 1);
    assert.equal(await page.locator('.thread').count(), 1);
    assert.equal(await page.locator('[name=remember]').isChecked(), true, `${name}=${value}`);
    assert.match(await page.locator('#rd-replying p').innerText(), /Tomas/, `${name}=${value}`);
  }
  assert.equal(await body(page), `One${'.'.repeat(changes.length)} two`);
  await fill(page, reader);
  const asked = page.waitForRequest((request) => request.method() === 'POST' && request.url().includes('/api/comments'));
  await send(page);
  const { title, parent } = (await asked).postDataJSON();
  assert.deepEqual([title, parent], ['Another title', id]);
});

test('another article has a draft of its own, and takes no reply along', async (t) => {
  await approved('/first', 'Tomas', 'The first story.');
  const { page } = await openArticle(t, { path: '/first' });
  await reply(page, 'Tomas').click();
  await fill(page, { ...reader, body: 'For the first.' });
  await reloaded(page, ['page', '/second']);
  assert.equal(await page.locator('#rd-name').inputValue(), reader.name);
  assert.equal(await page.locator('#rd-replying').isVisible(), false);
  await fill(page, { body: 'For the second.' });
  await reloaded(page, ['page', '/first']);
  assert.equal(await body(page), 'For the first.');
  assert.equal(await page.locator('#rd-replying p').innerText(), 'Replying to Tomas');
  await reloaded(page, ['page', '/second']);
  assert.equal(await body(page), 'For the second.');
});

for (const act of [['lang', 'de'], ['sort', 'newest'], ['again', '']]) {
  test(`a comment that is on its way arrives on what is on the page by then: ${act.join(' ')}`, async (t) => {
    const { page, complaints, events } = await openArticle(t, { path: `/underway-${act[0]}` });
    const { posts, go } = await slowly(page);
    const text = `On its way through ${act[0]}.`;
    await fill(page, { ...reader, name: act[0], email: `${act[0]}@example.org`, body: text });
    await send(page);
    while (!posts.length) await page.waitForTimeout(50);
    await reloaded(page, act);
    const button = page.locator('.send button').first();
    assert.equal(await button.getAttribute('aria-disabled'), 'true', 'it is still at work');
    go();
    await page.locator('.comment', { hasText: text }).waitFor();
    assert.equal(await body(page), '');
    assert.equal(await button.getAttribute('aria-disabled'), 'false');
    assert.equal(posts.length, 1);
    assert.ok(await server.waiting(text));
    assert.equal(events.filter(([name]) => name === 'submitted').length, 1);
    const renewed = page.waitForRequest((request) => request.url().includes('/api/captcha/challenge'));
    await page.locator('#rd-body').focus();
    await renewed;
    assert.deepEqual(complaints, []);
  });
}

test('a thread that breaks leaves the form alone', async (t) => {
  const { page } = await openArticle(t, { path: '/broken' });
  await fill(page, { body: 'Still here.' });
  await page.route('**/api/comments?page=*', (route) => route.fulfill({ json: { odd: true } }));
  await change(page, 'sort', 'best');
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  assert.equal(await body(page), 'Still here.');
  await page.unroute('**/api/comments?page=*');
  await reloaded(page, ['sort', 'newest']);
  await page.route('**/embed/texts/fr.json*', (route) => route.abort());
  await change(page, 'lang', 'fr');
  await page.waitForTimeout(300);
  assert.equal(await body(page), 'Still here.');
});

test('two widgets of one article keep two drafts', async (t) => {
  const path = '/twice';
  const { page } = await openArticle(t, { path, inside: `</reply-desk><reply-desk page="${path}">` });
  const field = (n) => page.locator('reply-desk').nth(n).locator('#rd-body');
  await field(1).waitFor();
  await field(0).fill('A long thought about the bridge.');
  await field(1).fill('x');
  await page.reload();
  await field(1).waitFor();
  assert.equal(await field(0).inputValue(), 'A long thought about the bridge.');
  assert.equal(await field(1).inputValue(), 'x');
});

test('a language that there is no catalogue of is decided once, for the buttons and for the server', async (t) => {
  const tab = await openTab(browser, { locale: 'de' });
  const asked = [];
  tab.page.context().on('request', (request) => /\/api\/(comments|form)/.test(request.url()) && asked.push(new URL(request.url()).searchParams.get('lang')));
  const { page } = await openArticle(t, { lang: 'it', context: tab.page.context() });
  assert.equal(await page.locator('.desk').getAttribute('lang'), 'de');
  await page.locator('.send button').click();
  await page.locator('#rd-body-fault').waitFor();
  await page.waitForFunction(() => document.querySelector('reply-desk').shadowRoot.querySelector('#rd-body-fault').textContent);
  assert.match(await page.locator('#rd-body-fault').innerText(), /Kommentar/);
  assert.deepEqual([...new Set(asked)], ['de']);
});

test('unticked, all is forgotten at once; a box that nobody touched forgets nothing', async (t) => {
  const { page } = await openArticle(t, { path: '/consent' });
  const other = await page.context().newPage();
  await other.goto(`${server.url}/consent`);
  await other.locator('#rd-body').waitFor();
  await page.getByLabel(/^Save my name/).check();
  await fill(page, { ...reader, body: 'I agreed.' });
  await send(page);
  await waiting(page).waitFor();
  await fill(other, { name: 'Someone', email: 'someone@example.org', body: 'I was not asked.' });
  await other.getByRole('button', { name: 'POST COMMENT' }).click();
  await waiting(other).filter({ hasText: 'not asked' }).waitFor();
  assert.match(await kept(page, 'localStorage'), /ada@example\.org/);
  assert.doesNotMatch(await kept(page, 'localStorage'), /someone@/);
  await other.reload();
  await other.getByLabel(/^Save my name/).waitFor();
  assert.equal(await other.getByLabel(/^Save my name/).isChecked(), true);
  await other.getByLabel(/^Save my name/).uncheck();
  // Each has a process of its own, which hears of it a moment later.
  await page.waitForFunction(() => localStorage.length === 0);
});

test('an older browser loads, sends and is dressed', async (t) => {
  const tab = await openTab(browser);
  await tab.page.context().addInitScript(() => {
    delete AbortSignal.timeout;
    delete URL.canParse;
    delete window.IntersectionObserver;
    delete CSSStyleSheet.prototype.replace;
  });
  const { page, events } = await openArticle(t, { path: '/older', context: tab.page.context() });
  await reloaded(page, ['src', server.url]);
  await fill(page, { ...reader, name: 'Old', email: 'old@example.org', body: 'From an old tablet.' });
  await send(page);
  await waiting(page).waitFor();
  assert.ok(await server.waiting('From an old tablet.'));
  assert.deepEqual(events.filter(([name]) => name === 'error'), []);
  assert.equal(await page.locator('reply-desk').evaluate((desk) => desk.shadowRoot.querySelectorAll('link').length), 1);
});

test('a style sheet that cannot be had for now is asked for again', async (t) => {
  const tab = await openTab(browser);
  let asked = 0;
  await tab.page.context().route('**/embed.css*', (route) => ((asked += 1) === 1 ? route.fulfill({ status: 503, body: 'busy' }) : route.continue()));
  const { page } = await openArticle(t, { path: '/sheet', context: tab.page.context() });
  await page.waitForFunction(() => getComputedStyle(document.querySelector('reply-desk').shadowRoot.querySelector('.desk')).display === 'grid');
  assert.equal(asked, 2);
});

test('what stood in the element stays until comments have come', async (t) => {
  const tab = await openTab(browser);
  await tab.page.context().route('**/api/comments?page=*', (route) => route.abort());
  const inside = '<p>Read them <a href="/thread">here</a>.</p>';
  const { page } = await openArticle(t, { path: '/down', inside, context: tab.page.context() });
  const retry = page.getByRole('button', { name: 'Try again' });
  await retry.waitFor();
  const children = () => page.locator('reply-desk').evaluate((desk) => desk.childElementCount);
  assert.equal(await children(), 1);
  await tab.page.context().unroute('**/api/comments?page=*');
  await retry.click();
  await page.getByText('No comments yet').or(page.locator('.thread h2', { hasText: /./ })).first().waitFor();
  await retry.waitFor({ state: 'hidden' });
  assert.equal(await children(), 0);
});

test('who answers sees what, and comes back to it', async (t) => {
  const path = '/answered';
  await approved(path, 'Tomas', `The <b>lamps</b> are too low. ${'They always were. '.repeat(20).trim()}`);
  const { page: first } = await openTab(browser, { viewport: { width: 320, height: 500 } });
  const { page } = await openArticle(t, { path, context: first.context() });
  await reply(page, 'Tomas').click();
  const words = page.locator('#rd-answered');
  assert.match(await words.innerText(), /^The .*lamps.* are too low\. They always were\./);
  assert.ok((await words.boundingBox()).height < 60, 'two lines at most');
  await page.reload();
  await words.waitFor();
  assert.match(await words.innerText(), /too low/);
  await reply(page, 'Tomas').waitFor();
  // It was drawn anew meanwhile.
  await reloaded(page, ['sort', 'newest']);
  await page.getByRole('button', { name: 'Cancel reply' }).press('Enter');
  assert.equal(await focused(page), 'Reply');
  await page.waitForFunction(() => {
    const { top, bottom } = document.querySelector('reply-desk').shadowRoot.querySelector('[data-act=reply]').getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
  assert.equal(await words.isVisible(), false);
});

test('a closed page that is changed or taken away breaks nothing', async (t) => {
  const tab = await openTab(browser);
  const closed = { page: { url: '/over', title: null, closed: true }, total: 0, comments: [], next_cursor: null };
  await tab.page.context().route('**/api/comments?page=*', (route) => route.fulfill({ json: closed }));
  const { page } = await openArticle(t, { path: '/over', context: tab.page.context(), awaits: '[part~=heading]' });
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.getByText('Comments on this article are closed.').waitFor();
  for (const act of [['sort', 'newest'], ['lang', 'de'], ['lang', 'en'], ['again', '']]) await reloaded(page, act);
  await page.getByText('Comments on this article are closed.').waitFor();
  await page.locator('reply-desk').evaluate((desk) => desk.remove());
  await page.waitForTimeout(50);
  assert.deepEqual(complaints, []);
});

test('a number that is none is the usual one', async (t) => {
  const tab = await openTab(browser);
  // A stream that opens looks at the comments by itself.
  await tab.page.context().route('**/api/stream?*', (route) => route.abort());
  const { page } = await openArticle(t, { path: '/numbers', context: tab.page.context(), awaits: '[part~=heading]' });
  await page.getByText('No comments yet').first().waitFor();
  const asked = [];
  page.on('request', (request) => request.url().includes('/api/comments?page') && asked.push(new URL(request.url()).searchParams.get('limit')));
  for (const limit of ['1e9', '20', '20px', '0', '201', '-3', ' ', '007']) await reloaded(page, ['limit', limit]);
  assert.deepEqual(asked, ['50', '20', '50', '50', '50', '50', '50', '7']);
});

test('the solver is fetched once', async (t) => {
  const tab = await openTab(browser);
  const asked = [];
  tab.page.context().on('request', (request) => asked.push(new URL(request.url()).pathname));
  await tab.page.goto(`${server.url}/demo`);
  t.after(() => tab.page.context().close());
  const challenged = tab.page.waitForRequest((request) => request.url().includes('/api/captcha/challenge'));
  await tab.page.locator('#rd-body').focus();
  await challenged;
  const scripts = asked.filter((path) => path.startsWith('/assets/') && !/worker|pow\.js/.test(path));
  assert.deepEqual(scripts, [...new Set(scripts)]);
});

test('where what is needed for sending does not come, nothing is lost, and it is asked for again', async (t) => {
  const tab = await openTab(browser);
  let isDown = true;
  await tab.page.context().route(/embed\/later\.js/, (route) => (isDown ? route.abort() : route.fallback()));
  const { page, events } = await openArticle(t, { path: '/lost', context: tab.page.context() });
  await fill(page, { ...reader, name: 'Tunnel', email: 'tunnel@example.org', body: 'From a tunnel.' });
  await send(page);
  await summary(page).getByText('there was no answer').waitFor();
  assert.deepEqual(events.at(-1), ['error', { code: 'offline', status: 0 }]);
  assert.equal(await body(page), 'From a tunnel.');
  isDown = false;
  await summary(page).getByRole('button', { name: 'Try again' }).click();
  await waiting(page).waitFor();
  assert.ok(await server.waiting('From a tunnel.'));
});

test('who types on after sending keeps those words, and the focus', async (t) => {
  const { page } = await openArticle(t, { path: '/typing-on' });
  const { posts, go } = await slowly(page);
  await fill(page, { ...reader, name: 'Quick', email: 'quick@example.org', body: 'The first thought.' });
  await send(page);
  while (!posts.length) await page.waitForTimeout(50);
  await page.locator('#rd-body').fill('And another');
  go();
  await waiting(page).waitFor();
  await page.keyboard.type(' one');
  assert.equal(await focused(page), 'rd-body');
  assert.equal(await body(page), 'And another one');
});

test('a page may make our colours out of its own, by whatever name', async (t) => {
  const { page } = await openArticle(t, { path: '/colours' });
  await page.addStyleTag({ content: 'reply-desk { --accent: rgb(1 2 3); --replydesk-accent: var(--accent); }' });
  assert.equal(await page.locator('.send button').evaluate((button) => getComputedStyle(button).backgroundColor), 'rgb(1, 2, 3)');
});
