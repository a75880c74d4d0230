// Bans, the record, pages, figures and refusals in a browser.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { openDesk } from './desk.mjs';
import { fillPast, startPast } from './desk_past.mjs';
import { startBrowser } from './harness.mjs';

let past, browser, refusal;
before(async () => {
  [past, browser] = await Promise.all([startPast(), startBrowser()]);
  await past.person('ada', 'admin');
  await past.person('ben', 'moderator', '--site', 'default');
  refusal = await fillPast(past);
});
after(async () => {
  await browser?.close();
  await past?.stop();
});

const open = (t, at, options) => openDesk(t, browser, past, { at, ...options });

test('a ban says what it would have met, warns of what was published, is set and ended', async (t) => {
  await past.comment({ name: 'Good 1', body: 'I write more than one comment, you see.', score: 0.5 });
  const { page, toast } = await open(t, '#/bans');
  await page.getByText('Nobody is banned.').waitFor();
  await page.getByRole('button', { name: 'Set a ban' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Whom it meets').fill('good 1');
  await dialog.getByText('it would have met').getByText('2 comments').waitFor();
  await dialog.getByText('1 of them was published').waitFor();
  await dialog.getByLabel('Reason').fill('Says so little');
  await dialog.getByRole('button', { name: 'Set the ban' }).click();
  await toast('The ban is set').waitFor();
  const row = page.locator('.entry', { hasText: 'good 1' });
  for (const told of ['Waits for a person', 'Says so little', 'for another 30 days', 'set by ada', 'dealt with 1 waiting comment']) await row.getByText(told).waitFor();
  await row.getByRole('button', { name: 'End' }).click();
  await dialog.getByText('“Says so little”').waitFor();
  await dialog.getByRole('button', { name: 'End the ban' }).click();
  await toast('The ban is over').waitFor();
  await page.getByText('Nobody is banned.').waitFor();
});

test('bans are narrowed by kind and words, and the address keeps both', async (t) => {
  const { page } = await open(t, '#/bans');
  for (const [kind, value] of [['name', 'Somebody Else'], ['link_domain', 'casino.example']]) {
    await page.getByRole('button', { name: 'Set a ban' }).click();
    await page.getByRole('dialog').getByLabel('Goes by').selectOption(kind);
    await page.getByRole('dialog').getByLabel('Whom it meets').fill(value);
    await page.getByRole('button', { name: 'Set the ban' }).click();
    await page.locator('.entry', { hasText: value }).waitFor();
  }
  await page.getByLabel('Goes by').selectOption('link_domain');
  await page.locator('.entry', { hasText: 'Somebody Else' }).waitFor({ state: 'detached' });
  await page.getByRole('searchbox', { name: 'Words' }).fill('no such thing');
  await page.keyboard.press('Enter');
  await page.getByText('No ban matches.').waitFor();
  assert.match(page.url(), /#\/bans\?(?=.*kind=link_domain)(?=.*q=no)/);
  await page.goBack();
  await page.locator('.entry', { hasText: 'casino.example' }).waitFor();
  assert.equal(await page.getByRole('searchbox', { name: 'Words' }).inputValue(), '');
});

test('a moderator sees the comment that an address was drawn from, never the address, and cannot end what is not theirs', async (t) => {
  const { id } = await past.comment({ name: 'Villain', body: 'You will be sorry for that.', score: 0.5 });
  const ada = await open(t, `#/comment/${id}`);
  await ada.isOpen('Villain');
  await ada.page.keyboard.press('b');
  const dialog = ada.page.getByRole('dialog');
  await dialog.getByLabel('Goes by').selectOption('ip');
  await dialog.getByLabel('Where').selectOption('');
  await dialog.getByRole('button', { name: 'Set the ban' }).click();
  await ada.toast('The ban is set').waitFor();
  await ada.page.goto(`${past.url}/desk#/bans`);
  await ada.page.locator('.entry', { hasText: '127.0.0.1' }).waitFor();
  const { page } = await open(t, '#/bans', { who: 'ben' });
  const row = page.locator('.entry', { hasText: 'The address behind' });
  await row.getByText('Admins can end it').waitFor();
  assert.doesNotMatch(await page.locator('main').innerText(), /127\.0\.0\.1/);
  await row.getByRole('link', { name: 'this comment' }).click();
  await page.locator('#open-title', { hasText: 'Villain' }).waitFor();
  await ada.page.locator('.entry', { hasText: '127.0.0.1' }).getByRole('button', { name: 'End' }).click();
  await dialog.getByRole('button', { name: 'End the ban' }).click();
  await ada.toast('The ban is over').waitFor();
});

test('the record reads as sentences, is narrowed by a click, and leads to the comment', async (t) => {
  const { page } = await open(t, '#/audit?action=comment.');
  const line = page.locator('.entry', { hasText: 'Token browser rejected a comment' });
  await line.waitFor();
  await line.getByRole('button', { name: 'Details' }).click();
  await line.getByText('token:browser').waitFor();
  await line.getByRole('button', { name: 'All of these' }).click();
  await page.locator('.entry', { hasText: 'marked' }).first().waitFor({ state: 'detached' });
  assert.equal(await page.locator('.entry').count(), 1);
  assert.equal(await page.getByRole('combobox', { name: 'What', exact: true }).inputValue(), 'comment.reject');
  await page.getByLabel('Who').fill('ada');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing of that kind was done.').waitFor();
  await page.goBack();
  await line.getByRole('link', { name: 'a comment' }).click();
  await page.locator('#open-title', { hasText: 'Angry' }).waitFor();
});

test('the record is taken along as a file, of the days that are chosen', async (t) => {
  const { page } = await open(t, '#/audit');
  const take = async (name) => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  };
  const lines = await take('JSON Lines');
  assert.match(lines.name, /^audit-.*\.jsonl$/);
  const rows = lines.text.trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(rows.some(({ action, actor }) => action === 'comment.spam' && actor === 'token:browser'));
  assert.match((await take('CSV')).name, /^audit-.*\.csv$/);
  await page.getByLabel('To', { exact: true }).fill('2020-01-01');
  await page.getByText('All of these days as a file').waitFor();
  assert.equal((await take('JSON Lines')).text.trim(), '');
});

test('a page is closed and opened, and a reader notices', async (t) => {
  const { page } = await open(t, '#/pages');
  const row = page.locator('.entry', { hasText: '/demo' });
  const opened = row.getByRole('switch');
  const comment = () => past.comment({ name: 'Late', body: `Is it still open? ${Math.random()}` });
  await opened.uncheck();
  await row.getByText('Closed', { exact: true }).waitFor();
  await assert.rejects(comment, /comments_closed/);
  await page.reload();
  assert.equal(await opened.isChecked(), false);
  await opened.check();
  await row.getByText('Closed', { exact: true }).waitFor({ state: 'detached' });
  await comment();
});

test('a page gets a title and a mode, and leads to what waits there', async (t) => {
  const { page } = await open(t, '#/pages?q=demo');
  await page.getByRole('button', { name: 'Edit title of /demo' }).click();
  await page.getByRole('dialog').getByLabel('Title').fill('<b>The old</b> footbridge');
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
  const row = page.locator('.entry', { hasText: '<b>The old</b> footbridge' });
  await row.getByRole('combobox').selectOption('pre');
  await page.reload();
  assert.equal(await row.getByRole('combobox').inputValue(), 'pre');
  await row.getByRole('combobox').selectOption('');
  await row.getByRole('link', { name: /waiting/ }).click();
  await page.locator('.rows .row').first().waitFor();
});

test('a page that nobody commented is closed by its address, and a foreign one is refused', async (t) => {
  const { page, toast } = await open(t, '#/pages');
  await page.getByRole('button', { name: 'Close another page' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Address').fill('https://elsewhere.example/a');
  await dialog.getByRole('button', { name: 'Close it' }).click();
  await dialog.locator('.fault:not([hidden])').first().waitFor();
  await dialog.getByLabel('Address').fill('/tomorrow');
  await dialog.getByRole('button', { name: 'Close it' }).click();
  await toast('The page is closed').waitFor();
  await page.locator('.entry', { hasText: '/tomorrow' }).getByText('never commented').waitFor();
});

test('the figures are drawn, told as tables, and follow the period', async (t) => {
  const { page } = await open(t, '#/statistics');
  await page.getByRole('img', { name: /^What came\. \d+ comments in 30 days/ }).waitFor();
  await page.getByText('The same as a table').first().click();
  const table = page.getByRole('region', { name: 'What came' });
  assert.equal(await table.getByRole('row').count(), 31);
  const today = (await table.getByRole('row').nth(1).getByRole('cell').allTextContents()).map(Number);
  assert.ok(today.at(-1) >= 12 && today.at(-2) >= 1, `today came ${today}`);
  await page.getByRole('row', { name: /browser/ }).getByRole('cell', { name: '5', exact: true }).first().waitFor();
  await page.getByLabel('Period').selectOption('7');
  await page.getByRole('img', { name: /in 7 days/ }).waitFor();
});

test('a reader calls with a reference, however it is spelled', async (t) => {
  const { page } = await open(t, '#/refusals');
  await page.locator('.entry', { hasText: refusal.reference }).waitFor();
  const box = page.getByRole('searchbox', { name: 'Reference' });
  assert.ok(await box.evaluate((input) => input === document.activeElement), 'the box waits for it');
  await box.fill(refusal.reference.toLowerCase().replace('-', ' '));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Found' }).waitFor();
  await page.getByText('The check took the reader for a machine').waitFor();
  await page.getByText('10% human').waitFor();
  await box.fill('2222-2222');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing was refused under 2222-2222').waitFor();
});

test('the sites are shown as they are set up', async (t) => {
  const { page } = await open(t, '#/sites');
  const card = page.getByRole('article').filter({ hasText: 'default' });
  await card.getByText('Published unless doubtful').waitFor();
  await card.getByText('refused below 0.3, waits below 0.6').waitFor();
});
