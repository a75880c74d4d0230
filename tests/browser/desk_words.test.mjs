// Writing at the desk: replies, changes, reasons, bans; and that nothing typed is ever lost.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openDesk } from './desk.mjs';
import { PASSWORD, startBrowser, startServer } from './harness.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  await server.person('ada', 'admin');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('a published comment gets the newsroom’s reply, and the thread shows it', async (t) => {
  const { id } = await server.comment({ page: '/reply', name: 'Ann', body: 'When does it open?' });
  await server.decide(id, 'approve');
  const desk = await openDesk(t, browser, server, { at: '#/published?page=/reply' });
  await desk.isOpen('Ann');
  await desk.page.keyboard.press('R');
  await desk.page.getByRole('textbox', { name: 'Reply' }).fill('At *nine*.');
  await desk.page.keyboard.press('Control+Enter');
  await desk.toast('Your reply to Ann is published.').waitFor();
  const answer = desk.page.locator('.thread li', { hasText: 'At nine.' });
  await answer.getByText('Newsroom').waitFor();
  const { thread } = await server.see(id);
  assert.equal(thread.filter(({ by_staff: staff }) => staff).length, 1);
});

test('a waiting comment is published and answered in one go', async (t) => {
  const { id } = await server.comment({ page: '/both', name: 'Bob', body: 'May I ask something?' });
  const desk = await openDesk(t, browser, server, { at: '#/waiting?page=/both' });
  await desk.isOpen('Bob');
  await desk.page.keyboard.press('R');
  await desk.page.getByRole('textbox', { name: 'Reply' }).fill('Please do.');
  await desk.page.getByRole('button', { name: 'Publish and reply' }).click();
  await desk.toast('Your reply to Bob is published.').waitFor();
  assert.equal((await server.see(id)).status, 'approved');
  await desk.page.getByText('Nothing matches.').waitFor();
});

test('a change of the words keeps the author’s own beside it', async (t) => {
  const { id } = await server.comment({ page: '/edit', name: 'Cat', url: 'https://cat.example', body: 'Call me at 555 1234.' });
  const desk = await openDesk(t, browser, server, { at: '#/waiting?page=/edit' });
  await desk.isOpen('Cat');
  await desk.page.keyboard.press('e');
  await desk.page.getByRole('textbox', { name: 'Text' }).fill('Call me.');
  await desk.page.getByLabel('Website').fill('');
  await desk.page.getByRole('button', { name: 'Save' }).click();
  await desk.toast('Saved: Cat').waitFor();
  await desk.page.getByText('Changed by the newsroom').waitFor();
  assert.equal(await desk.page.locator('.typed').textContent(), 'Call me at 555 1234.');
  await desk.page.getByRole('button', { name: 'As readers see it' }).click();
  assert.equal(await desk.page.locator('.item-text').textContent(), 'Call me.');
  const item = await server.see(id);
  assert.deepEqual([item.body, item.url, item.status], ['Call me.', null, 'pending']);
});

test('what was typed is kept while others are looked at, and when the session ends', async (t) => {
  for (const [name, body] of [['Dot', 'I would like an answer, please.'], ['Eli', 'The museum is closed on Mondays.']]) {
    const { id } = await server.comment({ page: '/kept', name, body });
    await server.decide(id, 'approve');
  }
  const desk = await openDesk(t, browser, server, { at: '#/published?page=/kept&order=oldest' });
  await desk.isOpen('Dot');
  await desk.page.keyboard.press('R');
  const box = desk.page.getByRole('textbox', { name: 'Reply' });
  await box.fill('Half an answer');
  await desk.open('Eli');
  await desk.isOpen('Eli');
  await desk.open('Dot');
  await desk.page.keyboard.press('R');
  assert.equal(await box.inputValue(), 'Half an answer');
  await box.fill('A whole answer.');
  await desk.page.context().clearCookies();
  await desk.page.getByRole('button', { name: 'Reply', exact: true }).last().click();
  const dialog = desk.page.getByRole('dialog');
  await dialog.getByText('Your session has ended').waitFor();
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'ada');
  await dialog.getByLabel('Password').fill(PASSWORD);
  await desk.page.keyboard.press('Enter');
  await desk.toast('Your reply to Dot is published.').waitFor();
  await desk.page.locator('.thread', { hasText: 'A whole answer.' }).waitFor();
});

test('a reply whose answer was lost is stored once', async (t) => {
  const { id } = await server.comment({ page: '/lost', name: 'Fay', body: 'Will this come twice?' });
  await server.decide(id, 'approve');
  const desk = await openDesk(t, browser, server, { at: '#/published?page=/lost' });
  await desk.isOpen('Fay');
  let lost = 0;
  await desk.page.route('**/reply', async (route) => {
    if (lost > 0) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  await desk.page.keyboard.press('R');
  await desk.page.getByRole('textbox', { name: 'Reply' }).fill('It will not.');
  await desk.page.keyboard.press('Control+Enter');
  await desk.toast('Your reply to Fay is published.').waitFor();
  const { thread } = await server.see(id);
  assert.equal(thread.filter(({ by_staff: staff }) => staff).length, 1);
});

test('a refused text is said beside the form, and stays', async (t) => {
  const { id } = await server.comment({ page: '/short', name: 'Gil', body: 'Say something.' });
  await server.decide(id, 'approve');
  const desk = await openDesk(t, browser, server, { at: '#/published?page=/short' });
  await desk.isOpen('Gil');
  await desk.page.keyboard.press('R');
  const box = desk.page.getByRole('textbox', { name: 'Reply' });
  await box.fill('x');
  await desk.page.keyboard.press('Control+Enter');
  await desk.page.locator('.compose [aria-invalid="true"]').waitFor();
  assert.match(await desk.page.locator('.compose .fault').textContent(), /\w/);
  assert.equal(await box.inputValue(), 'x');
});

test('the last reason is offered again', async (t) => {
  for (const name of ['Hue', 'Ivo']) await server.comment({ page: '/reasons', name, body: `${name} insults somebody.` });
  const desk = await openDesk(t, browser, server, { at: '#/waiting?page=/reasons' });
  await desk.isOpen('Hue');
  await desk.page.keyboard.press('r');
  const own = desk.page.getByRole('dialog').getByRole('textbox');
  await own.fill('Insults somebody by name');
  await desk.page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
  await desk.isOpen('Ivo');
  await desk.page.keyboard.press('r');
  assert.equal(await own.inputValue(), 'Insults somebody by name');
  await desk.page.keyboard.press('Escape');
  assert.equal(await desk.title.textContent(), 'Ivo', 'whoever leaves the question rejects nothing');
});

test('a ban says what it would have met before it is set, and deals with what waits', async (t) => {
  for (const [name, body] of [['Jay', 'Again and again.'], ['Jim', 'And once more, with other words.']]) await server.comment({ page: '/ban', name, email: `${name}@spam.example`, body });
  const desk = await openDesk(t, browser, server, { at: '#/waiting?page=/ban' });
  await desk.isOpen('Jay');
  await desk.page.getByRole('button', { name: 'Ban' }).click();
  const dialog = desk.page.getByRole('dialog');
  await dialog.getByText('would have met 1 comment').waitFor();
  await dialog.getByLabel('Goes by').selectOption('email_domain');
  await dialog.getByText('would have met 2 comments').waitFor();
  await dialog.getByText('And once more').waitFor();
  await dialog.getByLabel('Their comments will').selectOption('shadow');
  await dialog.getByLabel('Reason').fill('flood');
  await dialog.getByRole('button', { name: 'Set the ban' }).click();
  await desk.toast('2 waiting comments dealt with.').waitFor();
  await desk.page.getByText('Nothing matches.').waitFor();
});

test('a ban by a link takes the domain from the text', async (t) => {
  await server.comment({ page: '/links', name: 'Kay', body: 'See https://www.shop.example/a?b=c for more.' });
  const desk = await openDesk(t, browser, server, { at: '#/waiting?page=/links' });
  await desk.isOpen('Kay');
  await desk.page.keyboard.press('b');
  const dialog = desk.page.getByRole('dialog');
  await dialog.getByLabel('Goes by').selectOption('link_domain');
  assert.equal(await dialog.getByLabel('Whom it meets').inputValue(), 'shop.example');
  await dialog.getByText('would have met 1 comment').waitFor();
  await desk.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
});

test('a digit picks one of the site’s reasons, and the statement for the author follows from it', async (t) => {
  const { id } = await server.comment({ page: '/stated', name: 'Lea', email: 'lea@example.org', body: 'Something that does not belong here.' });
  const desk = await openDesk(t, browser, server, { at: '#/waiting?page=/stated' });
  await desk.isOpen('Lea');
  await desk.page.keyboard.press('r');
  const dialog = desk.page.getByRole('dialog');
  await dialog.getByRole('radio').first().waitFor();
  await desk.page.keyboard.press('2');
  const label = await dialog.locator('.choice', { has: desk.page.locator('input:checked') }).locator('span').first().textContent();
  await desk.page.keyboard.press('Enter');
  await desk.toast('Rejected: Lea').waitFor();
  await desk.page.goto(`${server.url}/desk#/comment/${id}`);
  await desk.page.locator('.history', { hasText: label }).waitFor();
  await desk.page.getByRole('button', { name: 'More' }).click();
  await desk.page.getByRole('button', { name: 'Statement of reasons' }).click();
  const text = dialog.getByRole('textbox', { name: 'Statement' });
  const first = await text.inputValue();
  assert.ok(first.length > 100, first);
  const mail = new URL(await dialog.getByRole('link', { name: 'Write a mail' }).getAttribute('href'));
  assert.equal(mail.pathname, 'lea@example.org');
  await dialog.getByLabel('Reason').selectOption({ index: 1 });
  await desk.page.waitForFunction((before) => document.querySelector('dialog textarea').value !== before, first);
  assert.equal((await server.see(id)).status, 'rejected');
});
