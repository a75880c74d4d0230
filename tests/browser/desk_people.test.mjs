// People, tokens and one's own account in a browser: what is told once, what ends, and what is refused.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';

import { openDesk, signIn } from './desk.mjs';
import { openTab, PASSWORD, startBrowser, startServer } from './harness.mjs';

const OTHER_PASSWORD = 'quite other words than before';
let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  await server.person('ada', 'admin');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The code that an authenticator app shows for this secret; `step` 1 is the next. */
function code(secret, step = 0) {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** A tab with the form to sign in. */
async function atTheDoor(t) {
  const { page } = await openTab(browser);
  t.after(() => page.context().close());
  await page.goto(`${server.url}/desk`);
  await page.getByLabel('Name').waitFor();
  return page;
}

async function give(page, name, password) {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('an invitation is shown once, and lets somebody in with a password of their own', async (t) => {
  const { page } = await openDesk(t, browser, server, { at: '#/people' });
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('ben');
  await dialog.getByLabel('Email').fill('ben@news.example');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  await page.getByRole('heading', { name: 'The invitation of ben' }).waitFor();
  const link = await page.getByLabel('Link').inputValue();
  // It goes away by the button alone.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'I have kept it' }).click();
  const row = page.locator('.entry', { hasText: 'ben@news.example' });
  await row.getByText('Invited, not here yet').waitFor();

  const invited = await openTab(browser);
  t.after(() => invited.page.context().close());
  await invited.page.goto(server.url + new URL(link).pathname + new URL(link).hash);
  await invited.page.getByRole('heading', { name: 'Welcome to the desk' }).waitFor();
  await invited.page.getByLabel('New password').fill(PASSWORD);
  await invited.page.getByLabel('The same again').fill(PASSWORD);
  await invited.page.getByRole('button', { name: 'Set password and sign in' }).click();
  await invited.page.getByRole('link', { name: 'ben' }).waitFor();

  await page.reload();
  await row.getByText('last here').waitFor();
  assert.equal(await row.getByText('Invited').count(), 0);
  const again = await openTab(browser);
  t.after(() => again.page.context().close());
  await again.page.goto(server.url + new URL(link).pathname + new URL(link).hash);
  await again.page.getByLabel('New password').fill(PASSWORD);
  await again.page.getByLabel('The same again').fill(PASSWORD);
  await again.page.getByRole('button', { name: 'Set password and sign in' }).click();
  await again.page.getByRole('alert').filter({ hasText: /./ }).waitFor();
});

test('a name that cannot be is said at its field, and what was typed stays', async (t) => {
  const { page } = await openDesk(t, browser, server, { at: '#/people' });
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  const name = page.getByRole('dialog').getByLabel('Name');
  await name.fill('two words');
  await page.getByRole('button', { name: 'Make the link' }).click();
  await page.locator('[aria-invalid="true"]').waitFor();
  assert.equal(await name.inputValue(), 'two words');
  assert.ok(await name.evaluate((input) => document.activeElement === input && input.getAttribute('aria-describedby').split(' ').some((id) => document.getElementById(id).textContent !== '')));
});

test('a role changes at once, and the last admin stays one', async (t) => {
  await server.person('cleo');
  const { page, toast } = await openDesk(t, browser, server, { at: '#/people/cleo' });
  await page.getByLabel('Role').selectOption('admin');
  await page.getByRole('button', { name: 'Keep' }).click();
  await toast('cleo is an admin').waitFor();
  await page.getByLabel('Role').selectOption('moderator');
  await page.getByRole('button', { name: 'Keep' }).click();
  await toast('cleo is a moderator').waitFor();
  await page.goto(`${server.url}/desk#/people/ada`);
  await page.getByRole('heading', { name: 'ada' }).waitFor();
  await page.getByLabel('Role').selectOption('moderator');
  await page.getByRole('button', { name: 'Keep' }).click();
  await page.getByText('This is the last admin. Make somebody else an admin first.').waitFor();
});

test('sessions of somebody are seen and ended, and who is removed is gone', async (t) => {
  await server.person('dora');
  const dora = await openDesk(t, browser, server, { who: 'dora' });
  const { page, toast } = await openDesk(t, browser, server, { at: '#/people/dora' });
  await page.locator('.entry', { hasText: 'Chrome on Linux' }).waitFor();
  await page.getByRole('button', { name: 'End all' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End them' }).click();
  await page.getByText('They are signed in nowhere.').waitFor();
  await dora.page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
  await page.getByRole('button', { name: 'Remove from the desk' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await toast('dora is removed').waitFor();
  await page.getByRole('heading', { name: 'People' }).waitFor();
  await page.locator('.entry', { hasText: 'ada' }).first().waitFor();
  assert.equal(await page.locator('.entry', { hasText: 'dora' }).count(), 0);
});

test('a token is told once, works, and is turned away once it is revoked', async (t) => {
  const { page, toast } = await openDesk(t, browser, server, { at: '#/tokens' });
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.getByLabel('Name').fill('report');
  await page.getByRole('button', { name: 'Make it' }).click();
  const token = await page.getByLabel('Token', { exact: true }).inputValue();
  const ask = () => fetch(`${server.url}/api/moderation/summary`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal((await ask()).status, 200);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  const row = page.locator('.entry', { hasText: 'report' });
  await row.getByText('for another 90 days').or(row.getByText('for another 89 days')).waitFor();
  assert.doesNotMatch(await page.content(), new RegExp(token));
  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await toast('The token report is revoked').waitFor();
  assert.equal(await row.count(), 0);
  assert.equal((await ask()).status, 401);
});

test('a second factor is set up, asked for at the door, and ended again', async (t) => {
  await server.person('eve');
  const { page } = await openDesk(t, browser, server, { who: 'eve', at: '#/account' });
  await page.getByRole('button', { name: 'Set it up' }).click();
  await page.getByLabel('Your password').fill('not that one');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('This is not your password.').waitFor();
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Go on' }).click();
  const secret = (await page.locator('.secret').textContent()).replaceAll(' ', '');
  const picture = page.getByRole('img', { name: /QR code/ });
  assert.ok(await picture.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)), 'the QR code is drawn');
  await page.getByLabel('The code it shows').fill(code(secret));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('list', { name: 'Recovery codes' }).waitFor();
  const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents();
  assert.equal(codes.length, 10);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByText('In force').waitFor();

  const door = await atTheDoor(t);
  await give(door, 'eve', PASSWORD);
  await door.getByLabel('Code').fill('000000');
  await door.getByRole('button', { name: 'Sign in' }).click();
  await door.getByText('That code is not right').waitFor();
  // The code of the moment was used up by setting it up.
  await door.getByLabel('Code').fill(code(secret, 1));
  await door.getByRole('button', { name: 'Sign in' }).click();
  await door.getByRole('link', { name: 'eve' }).waitFor();
  const lost = await atTheDoor(t);
  await give(lost, 'eve', PASSWORD);
  await lost.getByLabel('Code').fill(codes[3].toLowerCase());
  await lost.getByRole('button', { name: 'Sign in' }).click();
  await lost.getByRole('link', { name: 'eve' }).waitFor();

  await page.getByRole('button', { name: 'End it' }).click();
  await page.getByRole('dialog').getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
  await page.getByRole('button', { name: 'Set it up' }).waitFor();
  const plain = await atTheDoor(t);
  await give(plain, 'eve', PASSWORD);
  await plain.getByRole('link', { name: 'eve' }).waitFor();
});

test('an admin switches off the second factor of somebody who lost it', async (t) => {
  await server.person('finn');
  const finn = await openDesk(t, browser, server, { who: 'finn', at: '#/account' });
  await finn.page.getByRole('button', { name: 'Set it up' }).click();
  await finn.page.getByLabel('Your password').fill(PASSWORD);
  await finn.page.getByRole('button', { name: 'Go on' }).click();
  await finn.page.getByLabel('The code it shows').fill(code((await finn.page.locator('.secret').textContent()).replaceAll(' ', '')));
  await finn.page.getByRole('button', { name: 'Confirm' }).click();
  await finn.page.getByRole('button', { name: 'I have kept them' }).click();
  const { page, toast } = await openDesk(t, browser, server, { at: '#/people/finn' });
  await page.getByRole('button', { name: 'Switch off' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Switch it off' }).click();
  await toast('finn signs in with the password alone now').waitFor();
  const door = await atTheDoor(t);
  await give(door, 'finn', PASSWORD);
  await door.getByRole('link', { name: 'finn' }).waitFor();
});

test('another password ends the other sessions, and a wrong one is said at its field', async (t) => {
  await server.person('gus');
  const other = await openDesk(t, browser, server, { who: 'gus' });
  const { page, toast } = await openDesk(t, browser, server, { who: 'gus', at: '#/account' });
  const change = async (current) => {
    await page.getByLabel('The one you have').fill(current);
    await page.getByLabel('A new one').fill(OTHER_PASSWORD);
    await page.getByLabel('The new one again').fill(OTHER_PASSWORD);
    await page.getByRole('button', { name: 'Change the password' }).click();
  };
  await change('not the right words');
  await page.getByText('This is not your password.').waitFor();
  await change(PASSWORD);
  await toast('The new password holds').waitFor();
  assert.equal(await page.getByLabel('A new one').inputValue(), '');
  await other.page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Your account' }).waitFor();
});

test('one’s own sessions are seen and ended, one or all others', async (t) => {
  await server.person('hal');
  const { page, toast } = await openDesk(t, browser, server, { who: 'hal', at: '#/account' });
  for (const agent of ['Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0', 'curl/8']) {
    const tab = await openTab(browser, { userAgent: agent });
    t.after(() => tab.page.context().close());
    await signIn(tab.page, server, 'hal');
  }
  await page.reload();
  await page.locator('.entry', { hasText: 'This one' }).waitFor();
  assert.equal(await page.locator('.entry').count(), 3);
  await page.locator('.entry', { hasText: 'Firefox on Linux' }).getByRole('button', { name: 'End' }).click();
  await toast('That session is over').waitFor();
  await page.locator('.entry', { hasText: 'Firefox on Linux' }).waitFor({ state: 'detached' });
  assert.equal(await page.locator('.entry').count(), 2);
  await page.getByRole('button', { name: 'End all others' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End them' }).click();
  await toast('Your other sessions are over').waitFor();
  await page.locator('.entry').nth(1).waitFor({ state: 'detached' });
  assert.equal(await page.locator('.entry', { hasText: 'This one' }).count(), 1);
});

test('single keys can be switched off, and stay so', async (t) => {
  const { page } = await openDesk(t, browser, server, { at: '#/account' });
  await page.getByLabel('Single keys act').uncheck();
  await page.reload();
  assert.equal(await page.getByLabel('Single keys act').isChecked(), false);
  await page.locator('#main').focus();
  await page.keyboard.press('?');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.getByLabel('Single keys act').check();
  await page.locator('#main').focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
});

test('a moderator is told that people are for admins', async (t) => {
  await server.person('ida');
  const { page } = await openDesk(t, browser, server, { who: 'ida', at: '#/people' });
  await page.getByText('This part of the desk is for admins.').waitFor();
  assert.equal(await page.locator('#side a', { hasText: 'People' }).count(), 0);
});
