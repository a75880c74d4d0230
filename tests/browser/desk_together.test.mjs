// Several people at their desks at once: each sees what the others do, as they do it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openDesk, until } from './desk.mjs';
import { startBrowser, startServer } from './harness.mjs';

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

const isLive = (desk) => desk.page.getByText('Up to date').waitFor();

test('a decision is marked on everybody’s list where it stands, and nothing jumps', async (t) => {
  // Texts that differ: near-copies would be one row.
  const texts = { Cleo: 'The bridge should stay open.', Dan: 'Cheap watches at my place.', Eve: 'Who pays for the new lamps?' };
  for (const [name, body] of Object.entries(texts)) await server.comment({ page: '/marked', name, body });
  const at = '#/waiting?page=/marked';
  const [ada, ben] = [await openDesk(t, browser, server, { at }), await openDesk(t, browser, server, { who: 'ben', at })];
  await Promise.all([ada.isOpen('Cleo'), ben.isOpen('Cleo'), isLive(ada), isLive(ben)]);
  await ben.open('Dan');
  await ben.isOpen('Dan');
  await ben.page.keyboard.press('s');
  await ada.row('Dan').getByText('Spam by ben').waitFor();
  assert.equal(await ada.rows.count(), 3, 'the row stays where it was');
  assert.ok(await ada.row('Dan').getByRole('checkbox').isDisabled());
  await ben.page.keyboard.press('u');
  await ada.row('Dan').getByText('Spam by ben').waitFor({ state: 'hidden' });
});

test('the open comment says what somebody else decided, and one can still decide otherwise', async (t) => {
  const { id } = await server.comment({ page: '/otherwise', name: 'Finn', body: 'This is looked at by two.' });
  const at = '#/waiting?page=/otherwise';
  const [ada, ben] = [await openDesk(t, browser, server, { at }), await openDesk(t, browser, server, { who: 'ben', at })];
  await Promise.all([ada.isOpen('Finn'), ben.isOpen('Finn'), isLive(ada)]);
  await ben.page.keyboard.press('s');
  await ada.page.getByText('Spam by ben. You can still decide otherwise.').waitFor();
  await ada.page.keyboard.press('a');
  await ada.toast('Published: Finn').waitFor();
  await ada.page.waitForFunction(() => !document.querySelector('.row'));
  await assert.doesNotReject(until(async () => (await server.see(id)).status === 'approved'));
});

test('what comes in is counted and waits to be asked for', async (t) => {
  await server.comment({ page: '/fresh', name: 'Gus', body: 'The first of them.' });
  const ada = await openDesk(t, browser, server, { at: '#/waiting' });
  await isLive(ada);
  await ada.rows.first().waitFor();
  await ada.counted('Waiting').getByText(/\d/).waitFor();
  const [before, rows] = [Number(await ada.counted('Waiting').textContent()), await ada.rows.count()];
  await server.comment({ page: '/fresh', name: 'Hal', body: 'Quite another thing, about the weather.' });
  await server.comment({ page: '/fresh', name: 'Ida', body: 'And a third, which asks when the library opens.' });
  await ada.page.getByRole('button', { name: '2 new' }).waitFor();
  assert.equal(await ada.rows.count(), rows);
  await assert.doesNotReject(until(async () => Number(await ada.counted('Waiting').textContent()) === before + 2));
  await ada.page.getByRole('button', { name: '2 new' }).click();
  await ada.row('Ida').waitFor();
  await ada.page.getByRole('button', { name: '2 new' }).waitFor({ state: 'hidden' });
});

test('who looks at a comment is seen by the others, until they leave it', async (t) => {
  await server.comment({ page: '/claims', name: 'Jo', body: 'It was better before, was it not?' });
  await server.comment({ page: '/claims', name: 'Kim', body: 'The trees along the river are gone.' });
  const at = '#/waiting?page=/claims';
  const ada = await openDesk(t, browser, server, { at });
  await Promise.all([ada.isOpen('Jo'), isLive(ada)]);
  const ben = await openDesk(t, browser, server, { who: 'ben', at });
  await ben.isOpen('Jo');
  await ben.page.getByText('ada is looking at this comment, too.').waitFor();
  await ben.open('Kim');
  await ada.row('Kim').getByText('ben is on it').waitFor();
  await ben.page.goto(`${server.url}/desk#/spam`);
  await ada.row('Kim').getByText('ben is on it').waitFor({ state: 'hidden' });
  await ada.page.keyboard.press('c');
  await ada.page.getByText('Given back.').waitFor({ state: 'attached' });
});

test('words that change while they are read are not decided on unread', async (t) => {
  const sent = await server.comment({ page: '/changing', name: 'Lou', body: 'A harmless text.' });
  const ada = await openDesk(t, browser, server, { at: '#/waiting?page=/changing' });
  // The history comes last; what is changed before that is only read once.
  await Promise.all([ada.isOpen('Lou'), isLive(ada), ada.page.locator('.history').waitFor()]);
  const edit = await fetch(`${server.url}/api/comments/${sent.id}`, { method: 'PATCH', headers: { 'Content-Type': 'application/json', 'X-Edit-Token': sent.edit_token, Origin: server.url }, body: JSON.stringify({ body: 'No longer so harmless.' }) });
  assert.equal(edit.status, 200);
  await ada.page.getByText('Its text was changed just now').waitFor();
  assert.match(await ada.page.locator('.typed').textContent(), /A harmless text/);
  await ada.page.keyboard.press('a');
  await ada.page.locator('.typed', { hasText: 'No longer so harmless.' }).waitFor();
  assert.equal((await server.see(sent.id)).status, 'pending');
  await ada.page.keyboard.press('s');
  await assert.doesNotReject(until(async () => (await server.see(sent.id)).status === 'spam'));
});

test('without a stream the desk looks at the counts by itself and says so', async (t) => {
  await server.comment({ page: '/polled', name: 'Max', body: 'Somebody waits here.' });
  const ada = await openDesk(t, browser, server, { at: '#/spam' });
  await isLive(ada);
  await ada.page.route('**/api/moderation/stream*', (route) => route.fulfill({ status: 404, body: '' }));
  await ada.page.clock.install();
  await ada.page.reload();
  await ada.page.getByText('Looking every 15 s').waitFor();
  await ada.counted('Waiting').getByText(/\d/).waitFor();
  const before = Number(await ada.counted('Waiting').textContent());
  await server.comment({ page: '/polled', name: 'Ned', body: 'Another one, about the parking at the station.' });
  await ada.page.clock.fastForward(16_000);
  await assert.doesNotReject(until(async () => Number(await ada.counted('Waiting').textContent()) === before + 1));
});
