// The moderators' desk as a person works at it: signing in, clearing the queue, changing one's mind, working beside
// others.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openDesk } from './desk.mjs';
import { openTab, PASSWORD, startBrowser, startServer } from './harness.mjs';

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

/** Comments of this test alone: on a page of their own. */
async function queue(t, texts) {
  const page = `/${t.name.replaceAll(/\W+/g, '-')}`;
  const sent = [];
  for (const [at, body] of texts.entries()) sent.push(await server.comment({ page, name: `Reader ${'ABCDEFGH'[at]}`, body }));
  return { at: `#/waiting?page=${encodeURIComponent(page)}`, sent, page };
}

const status = async (id) => (await server.see(id)).status;

/** Waits until the server says so. */
async function becomes(id, wanted) {
  const until = Date.now() + 10_000;
  while ((await status(id)) !== wanted) if (Date.now() > until) throw new Error(`${id} is ${await status(id)}, not ${wanted}`);
}

test('somebody signs in with name and password, and a wrong one is said', async (t) => {
  const { page, complaints } = await openTab(browser);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/desk`);
  await page.getByLabel('Name').fill('ben');
  await page.getByLabel('Password').fill('not this one, surely');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText(/\w/).waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'ben', 'what was typed is kept');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Desk' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'People' }).count(), 0, 'a moderator is not shown what is for admins');
  assert.deepEqual(complaints.filter((text) => !/40[14]/.test(text)), []);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('the queue is cleared with the keyboard alone, and the focus is never lost', async (t) => {
  const { at, sent } = await queue(t, ['The bridge should stay open.', 'Buy cheap things at my place.', 'You are all wrong about it.', 'I like the new lamps.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  await desk.page.keyboard.press('a');
  await desk.isOpen('Reader B');
  await desk.page.keyboard.press('s');
  await desk.isOpen('Reader C');
  await desk.page.keyboard.press('r');
  await desk.page.getByRole('dialog').getByRole('textbox').fill('Names somebody');
  await desk.page.keyboard.press('Enter');
  await desk.isOpen('Reader D');
  const focused = await desk.page.evaluate(() => document.activeElement.textContent);
  assert.match(focused, /Reader D/, 'the focus is on the row that is open now');
  await desk.page.keyboard.press('a');
  await desk.page.getByText('Nothing matches.').waitFor();
  assert.notEqual(await desk.page.evaluate(() => document.activeElement.tagName), 'BODY');
  await becomes(sent[0].id, 'approved');
  await becomes(sent[1].id, 'spam');
  await becomes(sent[2].id, 'rejected');
  await becomes(sent[3].id, 'approved');
  const { history } = await server.see(sent[2].id);
  assert.equal(history.at(-1).why, 'Names somebody');
  assert.equal(history.at(-1).who, 'ada');
});

test('a decision shows at once and can be undone by key and by button', async (t) => {
  const { at, sent } = await queue(t, ['First of the two.', 'Second of the two.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  // No answer of a server's is among what it waits for, nor a frame.
  const turns = await desk.page.evaluate(async () => {
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }));
    let n = 0;
    for (; document.querySelector('#open-title').textContent !== 'Reader B' && n < 1000; n += 1) await Promise.resolve();
    return n;
  });
  assert.ok(turns < 1000, 'the row waits for something');
  await becomes(sent[0].id, 'approved');
  await desk.page.keyboard.press('u');
  await desk.isOpen('Reader A');
  await becomes(sent[0].id, 'pending');
  await desk.page.keyboard.press('s');
  await desk.isOpen('Reader B');
  await desk.toast('Marked as spam').getByRole('button', { name: 'Undo' }).click();
  await desk.isOpen('Reader A');
  await becomes(sent[0].id, 'pending');
  await desk.page.keyboard.press('a');
  await becomes(sent[0].id, 'approved');
});

test('an undo that is faster than the answer still ends where it began', async (t) => {
  const { at, sent } = await queue(t, ['Slow to be answered.', 'Another.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await desk.page.route('**/decision', async (route) => {
    await held;
    await route.continue();
  });
  await desk.page.keyboard.press('a');
  await desk.isOpen('Reader B');
  await desk.page.keyboard.press('u');
  await desk.isOpen('Reader A');
  const answered = desk.page.waitForResponse(async (answer) => answer.url().endsWith('/decision') && (await answer.json()).status === 'pending');
  letGo();
  await answered;
  assert.equal(await status(sent[0].id), 'pending');
  await desk.page.keyboard.press('s');
  await becomes(sent[0].id, 'spam');
});

test('where somebody was faster, the desk says who, and offers to look or to decide again', async (t) => {
  const { at, sent } = await queue(t, ['Both want to decide this.', 'Nobody does this one.']);
  const [ada, ben] = [await openDesk(t, browser, server, { at, isDeaf: true }), await openDesk(t, browser, server, { who: 'ben', at })];
  await ada.isOpen('Reader A');
  await ben.isOpen('Reader A');
  await ben.page.keyboard.press('s');
  await becomes(sent[0].id, 'spam');
  await ada.page.keyboard.press('a');
  const told = ada.toast(/ben marked it as spam just now/);
  await told.getByRole('button', { name: 'Look' }).waitFor();
  await told.getByRole('button', { name: 'Approve all the same' }).click();
  await becomes(sent[0].id, 'approved');
  const { history } = await server.see(sent[0].id);
  assert.deepEqual(history.map(({ who, to }) => [who, to]).filter(([who]) => who !== 'browser'), [['ben', 'spam'], ['ada', 'approved']]);
});

test('a comment that is gone is said to be gone', async (t) => {
  const { at } = await queue(t, ['Soon gone.', 'Stays.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  await desk.page.route('**/decision', (route) => route.fulfill({ status: 404, contentType: 'application/problem+json', body: '{"code":"not_found","status":404,"detail":"There is no such thing."}' }));
  await desk.page.keyboard.press('a');
  await desk.toast('is gone').waitFor();
});

test('a refused decision is taken back and said', async (t) => {
  const { at, sent } = await queue(t, ['May not be decided.', 'Stays.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  await desk.page.route('**/decision', (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: '{"code":"forbidden","status":403,"detail":"No."}' }));
  await desk.page.keyboard.press('a');
  await desk.toast('You may not do this').waitFor();
  await desk.isOpen('Reader A');
  await desk.row('Reader A').waitFor();
  assert.equal(await status(sent[0].id), 'pending');
});

test('without a network decisions are kept visibly and sent once it is back', async (t) => {
  const { at, sent } = await queue(t, ['Decided in a tunnel.', 'And this one.', 'Not this one.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  await desk.page.context().setOffline(true);
  await desk.page.getByText('There is no connection.').waitFor();
  await desk.page.keyboard.press('a');
  await desk.page.keyboard.press('s');
  await desk.isOpen('Reader C');
  await desk.page.getByText('2 decisions are not sent yet.').waitFor();
  assert.equal(await status(sent[0].id), 'pending');
  await desk.page.context().setOffline(false);
  await becomes(sent[0].id, 'approved');
  await becomes(sent[1].id, 'spam');
  await desk.page.getByText('not sent yet').waitFor({ state: 'hidden' });
});

test('decisions that were not sent yet can be taken back', async (t) => {
  const { at, sent } = await queue(t, ['Thought better of it.', 'Another.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  await desk.page.context().setOffline(true);
  await desk.page.keyboard.press('a');
  await desk.page.getByText('1 decision is not sent yet.').waitFor();
  await desk.page.getByRole('button', { name: 'Take back' }).click();
  await desk.row('Reader A').waitFor();
  await desk.page.context().setOffline(false);
  assert.equal(await status(sent[0].id), 'pending');
});

test('chosen rows are decided at once, and undone at once', async (t) => {
  const { at, sent } = await queue(t, ['One.', 'Two things.', 'Three more things.', 'Four are left out.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  await desk.row('Reader A').getByRole('checkbox').check();
  await desk.row('Reader C').getByRole('checkbox').click({ modifiers: ['Shift'] });
  await desk.page.getByText('3 rows chosen').waitFor();
  await desk.page.getByRole('group', { name: 'Chosen comments' }).getByRole('button', { name: 'Spam' }).click();
  await desk.toast('Marked as spam: 3 comments').waitFor();
  for (const { id } of sent.slice(0, 3)) assert.equal(await status(id), 'spam');
  assert.equal(await status(sent[3].id), 'pending');
  await desk.page.keyboard.press('u');
  await desk.toast('Undone: 3 comments').waitFor();
  for (const { id } of sent) assert.equal(await status(id), 'pending');
  await desk.row('Reader B').waitFor();
  await desk.page.keyboard.press('*');
  await desk.page.getByText('4 rows chosen').waitFor();
  await desk.page.keyboard.press('Escape');
  await desk.page.getByText('rows chosen').waitFor({ state: 'hidden' });
});

test('near-copies are one row, decided and undone together', async (t) => {
  const text = 'Win a whole new kitchen today at the shop around the corner of our street';
  const { at, sent } = await queue(t, [text, `${text}!`, `${text}!!`, 'Something else entirely, about the bridge.']);
  const desk = await openDesk(t, browser, server, { at: at.replace('?', '?order=oldest&') });
  await desk.row('×3').waitFor();
  assert.equal(await desk.rows.count(), 2);
  await desk.open('×3');
  await desk.page.getByText('One of 3 near-copies.').waitFor();
  await desk.page.getByRole('button', { name: 'Spam all 3' }).click();
  await desk.toast('Marked as spam: 3 near-copies').waitFor();
  for (const { id } of sent.slice(0, 3)) assert.equal(await status(id), 'spam');
  assert.equal(await status(sent[3].id), 'pending');
  await desk.toast('near-copies').getByRole('button', { name: 'Undo' }).click();
  await desk.toast('Undone: 3 comments').waitFor();
  for (const { id } of sent) assert.equal(await status(id), 'pending');
});

test('one of several near-copies decided on its own leaves the others in its place', async (t) => {
  const text = 'A long and honest question about the opening hours of the town library on Sundays';
  const { at, sent } = await queue(t, [text, `${text}?`, 'Something else.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.open('×2');
  await desk.isOpen('Reader B');
  await desk.page.keyboard.press('a');
  await becomes(sent[1].id, 'approved');
  await desk.row('Reader A').waitFor();
  assert.equal(await status(sent[0].id), 'pending');
});

test('search finds by words and narrows by what is known, and its address can be kept', async (t) => {
  const { sent, page } = await queue(t, ['A zeppelin over Millbrook!', 'Nothing of the kind.', 'The zeppelin was a balloon.']);
  await server.decide(sent[2].id, 'approve');
  const desk = await openDesk(t, browser, server);
  await desk.page.keyboard.press('/');
  await desk.page.getByRole('searchbox').fill('zeppelin');
  await desk.page.keyboard.press('Enter');
  await desk.row('A zeppelin').waitFor();
  await desk.row('was a balloon').waitFor();
  assert.equal(await desk.rows.count(), 2);
  await desk.page.getByText('Narrow it').click();
  await desk.page.getByLabel('Status').selectOption('approved');
  await desk.page.getByLabel('Page').fill(page);
  await desk.page.keyboard.press('Enter');
  await desk.row('A zeppelin').waitFor({ state: 'detached' });
  await desk.row('was a balloon').waitFor();
  assert.equal(await desk.rows.count(), 1);
  await desk.page.getByText('Narrowed by 2').click();
  await desk.page.getByLabel('Risk from').fill('0.99');
  await desk.page.keyboard.press('Enter');
  await desk.page.getByText('Nothing matches.').waitFor();
  await desk.page.goBack();
  await desk.row('was a balloon').waitFor();
  const kept = new URL(desk.page.url()).hash;
  assert.match(kept, /q=zeppelin/);
  assert.match(kept, /status=approved/);
  await desk.page.reload();
  await desk.row('was a balloon').waitFor();
});

test('all by one author and all on one page are a step away, and the way back leads to the same comment', async (t) => {
  const { at } = await queue(t, ['First words here.', 'Second words here.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  await desk.page.getByRole('link', { name: 'All by them' }).click();
  await desk.page.getByRole('heading', { name: 'Author' }).waitFor();
  await desk.row('First words here.').waitFor();
  await desk.page.goBack();
  await desk.isOpen('Reader A');
  await desk.page.getByRole('link', { name: 'All on it' }).click();
  await desk.row('Second words here.').waitFor();
});

test('single keys can be switched off, and never act while somebody types', async (t) => {
  const { at, sent } = await queue(t, ['Must not go by accident.', 'Nor this.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  await desk.page.keyboard.press('Control+a');
  await desk.page.goto(`${server.url}/desk#/search`);
  await desk.page.getByRole('searchbox').pressSequentially('as?');
  await desk.page.goBack();
  await desk.isOpen('Reader A');
  await desk.page.evaluate(() => localStorage.setItem('replydesk.desk.keys', 'off'));
  await desk.page.keyboard.press('a');
  await desk.page.keyboard.press('j');
  assert.equal(await desk.title.textContent(), 'Reader A');
  assert.equal(await status(sent[0].id), 'pending');
});

test('a narrow screen shows the list or the comment, and the way back leads to the list', async (t) => {
  const { at, sent } = await queue(t, ['For one hand.', 'And the other.']);
  const desk = await openDesk(t, browser, server, { at, viewport: { width: 360, height: 700 }, hasTouch: true });
  await desk.row('For one hand.').waitFor();
  assert.equal(await desk.title.count(), 0);
  await desk.open('For one hand.');
  await desk.isOpen('Reader A');
  await desk.row('And the other.').waitFor({ state: 'hidden' });
  await desk.page.goBack();
  await desk.row('And the other.').waitFor();
  await desk.open('For one hand.');
  await desk.page.getByRole('button', { name: 'Approve' }).click();
  await desk.isOpen('Reader B');
  await desk.page.getByRole('button', { name: 'Back to the list' }).click();
  await desk.row('And the other.').waitFor();
  await becomes(sent[0].id, 'approved');
});

test('a list that cannot be loaded says so and can be tried again', async (t) => {
  const { at } = await queue(t, ['Comes at the second try.']);
  const desk = await openDesk(t, browser, server, { at: '#/spam' });
  const problem = (status, code) => (route) => route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ status, code, detail: 'The store does not answer.' }) });
  await desk.page.route('**/moderation/comments?*', problem(500, 'internal'));
  await desk.page.evaluate((hash) => (location.hash = hash), at);
  await desk.page.getByRole('alert').getByText('The store does not answer.').waitFor();
  await desk.page.unroute('**/moderation/comments?*');
  await desk.page.getByRole('button', { name: 'Try again' }).click();
  await desk.row('Comes at the second try.').waitFor();
});

test('a list that is slow shows that it is on its way, one that is quick does not flicker', async (t) => {
  const { at } = await queue(t, ['Worth waiting for.']);
  const desk = await openDesk(t, browser, server, { at: '#/spam' });
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await desk.page.route('**/moderation/comments?*', async (route) => {
    await held;
    await route.continue();
  });
  await desk.page.evaluate((hash) => (location.hash = hash), at);
  await desk.page.locator('.skeleton').first().waitFor();
  letGo();
  await desk.row('Worth waiting for.').waitFor();
  assert.equal(await desk.page.locator('.skeleton').count(), 0);
});

test('a moderator who follows a link to what is for admins is told so', async (t) => {
  const desk = await openDesk(t, browser, server, { who: 'ben', at: '#/people' });
  await desk.page.getByText('This part of the desk is for admins.').waitFor();
});

test('one comment has an address of its own, and one that is gone says so', async (t) => {
  const { sent } = await queue(t, ['To be sent to a colleague.']);
  await server.decide(sent[0].id, 'spam');
  const desk = await openDesk(t, browser, server, { at: `#/comment/${sent[0].id}` });
  await desk.isOpen('Reader A');
  await desk.page.getByRole('button', { name: 'Put back' }).click();
  await becomes(sent[0].id, 'pending');
  await desk.page.goto(`${server.url}/desk#/waiting?open=01a22292-63aa-75f8-80ac-ca8293649e15`);
  await desk.toast('That comment is gone.').waitFor();
});

test('what was decided can be undone from another view, which stays where it is', async (t) => {
  const { at, sent } = await queue(t, ['Undone from afar.', 'Another one.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  await desk.page.keyboard.press('s');
  await becomes(sent[0].id, 'spam');
  await desk.page.evaluate((page) => (location.hash = `#/spam?page=${encodeURIComponent(page)}`), at.split('page=')[1] && decodeURIComponent(at.split('page=')[1]));
  await desk.row('Undone from afar.').waitFor();
  await desk.page.keyboard.press('u');
  await becomes(sent[0].id, 'pending');
  await desk.row('Undone from afar.').waitFor({ state: 'detached' });
  assert.match(desk.page.url(), /#\/spam/);
});

test('a key that is held decides once', async (t) => {
  const { at, sent } = await queue(t, ['Held down.', 'Not meant.', 'Nor this.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.isOpen('Reader A');
  for (let n = 0; n < 4; n += 1) await desk.page.keyboard.down('a');
  await desk.page.keyboard.up('a');
  await desk.isOpen('Reader B');
  await becomes(sent[0].id, 'approved');
  assert.equal(await status(sent[1].id), 'pending');
});

test('going on while a list loads leaves the address to where one went', async (t) => {
  const { at } = await queue(t, ['Slow to come.']);
  const desk = await openDesk(t, browser, server, { at: '#/rejected' });
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await desk.page.route('**/moderation/comments?*', async (route) => {
    await held;
    await route.continue();
  });
  await desk.page.evaluate((hash) => (location.hash = hash), at);
  await desk.page.locator('.skeleton').first().waitFor();
  await desk.page.evaluate(() => (location.hash = '#/account'));
  await desk.page.getByRole('heading', { name: 'Your account' }).waitFor();
  const answered = desk.page.waitForResponse('**/moderation/comments?*');
  letGo();
  await (await answered).finished();
  assert.match(desk.page.url(), /#\/account$/);
});

test('a decision of yesterday is undone from the history', async (t) => {
  const { sent } = await queue(t, ['Rejected too soon.']);
  await server.decide(sent[0].id, 'reject');
  const desk = await openDesk(t, browser, server, { at: `#/comment/${sent[0].id}` });
  await desk.page.getByRole('button', { name: 'Undo the last decision' }).click();
  await becomes(sent[0].id, 'pending');
  await desk.page.getByRole('button', { name: 'Undo the last decision' }).waitFor({ state: 'hidden' });
});

test('a list that is narrowed says so, and leads to the whole', async (t) => {
  const { at, page } = await queue(t, ['One of many pages.']);
  const desk = await openDesk(t, browser, server, { at });
  await desk.page.getByText(`Only ${page}.`).waitFor();
  await desk.page.getByRole('link', { name: 'Show all' }).click();
  await desk.page.getByText(`Only ${page}.`).waitFor({ state: 'hidden' });
});
