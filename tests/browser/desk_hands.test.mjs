// One browser, two people: whatever one of them had not sent yet is never sent under the other's name, and what one
// typed into a change never takes the other's change back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openDesk, signIn, until } from './desk.mjs';
import { PASSWORD, startBrowser, startServer } from './harness.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  await server.person('ada', 'admin');
  await server.person('ben');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** They differ: near-copies would be one row. */
const TEXTS = {
  '/over': 'The bridge should stay open.', '/outbox': 'Who pays for the new lamps?', '/tab': 'My school had no such garden.',
  '/same': 'Trains are late every Monday.', '/kept': 'Call the mayor at home tonight.', '/late': 'Rain is what the fields need most.',
  '/drawn': 'Shops should close on Sundays.', '/quick': 'The pool opens far too late.',
};

/** Ada's desk on one comment, with everything that it sent to change something, and every question whether to leave. */
async function desk(t, path, options = {}) {
  const { id } = await server.comment({ page: path, name: 'Ann', body: TEXTS[path] });
  const made = await openDesk(t, browser, server, { at: `#/waiting?page=${path}`, ...options });
  await made.isOpen('Ann');
  // The history comes last; after that the desk asks for nothing by itself.
  await made.page.locator('.history').waitFor();
  const [changes, asked] = [[], []];
  made.page.on('request', (request) => request.method() !== 'GET' && !/\/(claim|session)$/.test(request.url()) && changes.push(request.headers()['x-csrf-token']));
  // Whoever is asked says that they stay.
  made.page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.dismiss();
  });
  return { ...made, id, changes, asked };
}

/** Types into the change of the open comment and leaves it unsent. */
async function draft(page, text) {
  await page.keyboard.press('e');
  await page.getByRole('textbox', { name: 'Text' }).fill('');
  await page.getByRole('textbox', { name: 'Text' }).pressSequentially(text);
  await page.keyboard.press('Escape');
  await page.locator('#open-title').click();
}

/** Signs in over the page. */
async function signInOver(page, who) {
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Your session has ended').waitFor();
  await dialog.getByLabel('Name').fill(who);
  await dialog.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
}

const belongsTo = (page, who) => page.locator('#side', { hasText: who }).waitFor();

test('somebody else who signs in over the page gets a page of their own, and sends nothing of the one before', async (t) => {
  const { page, id, changes, asked } = await desk(t, '/over');
  await draft(page, 'Half a change');
  await page.context().clearCookies();
  await page.keyboard.press('s');
  await signInOver(page, 'ben');
  await belongsTo(page, 'ben');
  await page.locator('.history').waitFor();
  assert.equal(changes.length, 1, 'the one that met the end of the session');
  assert.deepEqual(asked, []);
  assert.deepEqual([(await server.see(id)).status, (await server.see(id)).history], ['pending', []]);
  await page.keyboard.press('e');
  assert.equal(await page.getByRole('textbox', { name: 'Text' }).inputValue(), TEXTS['/over'], 'what ada typed went with her page');
});

test('what ada could not send yet is not sent once ben is signed in', async (t) => {
  const { page, id, asked } = await desk(t, '/outbox', { isDeaf: true });
  await page.route('**/decision', (route) => route.abort());
  await page.keyboard.press('s');
  await page.getByText('1 decision is not sent yet.').waitFor();
  await page.context().clearCookies();
  await page.unroute('**/decision');
  // It is tried again by itself.
  await signInOver(page, 'ben');
  await belongsTo(page, 'ben');
  await page.locator('#open-title', { hasText: 'Ann' }).waitFor();
  assert.deepEqual(asked, []);
  assert.equal((await server.see(id)).status, 'pending');
});

test('a page whose browser is somebody else’s by now sends nothing, and opens as theirs', async (t) => {
  const { page, id, changes, asked } = await desk(t, '/tab');
  await draft(page, 'Half a change');
  await signIn(page, server, 'ben');
  await page.keyboard.press('s');
  await belongsTo(page, 'ben');
  await page.locator('#open-title', { hasText: 'Ann' }).waitFor();
  assert.equal(changes.length, 1, 'the one that was refused');
  assert.deepEqual(asked, []);
  assert.equal((await server.see(id)).status, 'pending');
});

test('the same person who signs in again in another tab goes on with every word', async (t) => {
  const { page, id } = await desk(t, '/same');
  await draft(page, 'A whole change.');
  await signIn(page, server, 'ada');
  await page.keyboard.press('s');
  await until(async () => (await server.see(id)).status === 'spam');
  await page.keyboard.press('u');
  await until(async () => (await server.see(id)).status === 'pending');
  await page.locator('#open-title', { hasText: 'Ann' }).waitFor();
  await page.keyboard.press('e');
  assert.equal(await page.getByRole('textbox', { name: 'Text' }).inputValue(), 'A whole change.');
  await page.getByRole('button', { name: 'Save' }).click();
  await until(async () => (await server.see(id)).body === 'A whole change.');
});

test('words saved while the answer to one’s own decision is still on its way are taken', async (t) => {
  const { page, id } = await desk(t, '/quick');
  let answer = () => {};
  const isLate = new Promise((resolve) => (answer = resolve));
  await page.keyboard.press('s');
  await until(async () => (await server.see(id)).status === 'spam');
  await page.route('**/decision', async (route) => {
    const answered = await route.fetch();
    await isLate;
    await route.fulfill({ response: answered });
  });
  await page.keyboard.press('u');
  await until(async () => (await server.see(id)).status === 'pending');
  await page.locator('#open-title', { hasText: 'Ann' }).waitFor();
  await page.keyboard.press('e');
  await page.getByRole('textbox', { name: 'Text' }).fill('A whole change.');
  await page.getByRole('button', { name: 'Save' }).click();
  answer();
  await page.locator('.toast', { hasText: 'Saved' }).waitFor();
  assert.equal((await server.see(id)).body, 'A whole change.');
});

/** Ben at a desk of his own changes a comment. */
async function benChanges(t, path, values) {
  const ben = await openDesk(t, browser, server, { who: 'ben', at: `#/waiting?page=${path}` });
  await ben.isOpen('Ann');
  await ben.page.keyboard.press('e');
  for (const [label, text] of Object.entries(values)) await ben.page.locator('.compose').getByLabel(label).fill(text);
  await ben.page.getByRole('button', { name: 'Save' }).click();
  await ben.toast('Saved').waitFor();
}

test('a kept change holds what was typed alone, and says that somebody changed the comment meanwhile', async (t) => {
  const { page, id, open, isOpen } = await desk(t, '/kept');
  await server.comment({ page: '/kept', name: 'Zoe', body: 'Quite another matter.' });
  await page.reload();
  await isOpen('Ann');
  await draft(page, 'Ada’s words.');
  await open('Zoe');
  await isOpen('Zoe');
  await benChanges(t, '/kept', { Name: 'A reader' });
  await open('A reader');
  await isOpen('A reader');
  await page.locator('.history', { hasText: 'ben' }).waitFor();
  await page.keyboard.press('e');
  const form = page.locator('.compose');
  await form.getByText('ben changed it meanwhile').waitFor();
  assert.deepEqual([await form.getByLabel('Name').inputValue(), await form.getByLabel('Text').inputValue()], ['A reader', 'Ada’s words.']);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.toast', { hasText: 'Saved' }).waitFor();
  const { name, body } = await server.see(id);
  assert.deepEqual([name, body], ['A reader', 'Ada’s words.']);
});

test('a change that comes too late keeps what was typed, takes over the rest, and can be sent again', async (t) => {
  const { page, id } = await desk(t, '/late');
  await page.keyboard.press('e');
  const form = page.locator('.compose');
  await form.getByLabel('Text').fill('Ada’s words.');
  await benChanges(t, '/late', { Name: 'A reader', Text: 'Ben’s words.' });
  await page.getByText('Its text was changed just now').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await form.getByText('What you typed is still here.').waitFor();
  await form.getByText('ben changed it meanwhile').waitFor();
  await form.getByText('Ben’s words.').waitFor();
  assert.deepEqual([await form.getByLabel('Name').inputValue(), await form.getByLabel('Text').inputValue()], ['A reader', 'Ada’s words.']);
  assert.equal((await server.see(id)).body, 'Ben’s words.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.toast', { hasText: 'Saved' }).waitFor();
  const { name, body } = await server.see(id);
  assert.deepEqual([name, body], ['A reader', 'Ada’s words.']);
});

test('typing goes on where it was, and no letter decides, when the comment is drawn anew around the form', async (t) => {
  const { page, id, changes } = await desk(t, '/drawn');
  await page.getByText('Up to date').waitFor();
  await page.keyboard.press('e');
  const text = page.getByRole('textbox', { name: 'Text' });
  await text.fill('Half');
  await server.decide(id, 'reject', (await server.see(id)).version);
  await page.getByText('You can still decide otherwise.').waitFor();
  await page.keyboard.type(' as far');
  assert.equal(await text.inputValue(), 'Half as far');
  assert.deepEqual(changes, []);
});
