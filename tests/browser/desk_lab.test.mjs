// The threshold lab in a browser: thresholds move by mouse, finger and key, and the figures follow.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openDesk } from './desk.mjs';
import { fillPast, startPast } from './desk_past.mjs';
import { startBrowser } from './harness.mjs';

let past, browser;
before(async () => {
  [past, browser] = await Promise.all([startPast(), startBrowser()]);
  await past.person('ada', 'admin');
  await fillPast(past);
});
after(async () => {
  await browser?.close();
  await past?.stop();
});

async function open(t, { at = '#/lab', ...options } = {}) {
  const tab = await openDesk(t, browser, past, { at, viewport: { width: 1280, height: 1000 }, ...options });
  const { page } = tab;
  const slider = (name) => page.getByRole('slider', { name });
  const cells = (fate) => page.locator('.fates tr', { hasText: fate }).locator('td');
  await slider('Spam from').waitFor();
  return {
    ...tab,
    slider,
    value: async (name) => Number(await slider(name).getAttribute('aria-valuenow')),
    /** Waits until so many more or fewer are told in the table. */
    changed: (fate, told) => cells(fate).nth(2).filter({ hasText: told }).waitFor(),
    headline: page.locator('.headline'),
    toml: page.locator('.toml'),
  };
}

/** The middle of a threshold's grip. */
async function middle(slider) {
  const { x, y, width, height } = await slider.locator('.grip').boundingBox();
  return { x: x + width / 2, y: y + height / 2 };
}

test('keys move a threshold in small and large steps, to its ends, and never past its neighbour', async (t) => {
  const { page, slider, value } = await open(t);
  const reject = slider('Refuse below');
  await reject.focus();
  const told = [];
  for (const key of ['ArrowRight', 'ArrowDown', 'PageUp', 'Home', 'End', 'ArrowUp']) {
    await page.keyboard.press(key);
    told.push(await value('Refuse below'));
  }
  assert.deepEqual(told, [0.31, 0.3, 0.4, 0, 0.6, 0.6]);
  assert.equal(await reject.getAttribute('aria-valuetext'), '0.60: a lower score is refused');
  assert.equal(await slider('Hold below').getAttribute('aria-valuemin'), '0.6');
});

test('by key, the figures and the lines for the settings follow, and the address keeps what is tried', async (t) => {
  const { page, slider, changed, headline, toml } = await open(t);
  await headline.getByText('12 comments came, 5 of them published and 3 marked as spam').waitFor();
  await slider('Refuse below').focus();
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('PageUp');
  // Of 12 with a score, those at 0.35, 0.45 (three), 0.5 and 0.55 lie under 0.6; one was refused before.
  await changed('Refused', '+6');
  await headline.getByText('more refused').waitFor();
  await headline.getByText('1 more lost that people published').waitFor();
  assert.equal(await toml.textContent(), '[captcha]\nreject_below = 0.6\n');
  assert.match(page.url(), /reject_below=0\.6/);
  await page.reload();
  await changed('Refused', '+6');
  await page.getByRole('button', { name: 'Back to those in force' }).click();
  await headline.getByText('These are in force').waitFor();
  assert.doesNotMatch(page.url(), /reject_below/);
});

test('a mouse drags a threshold, and where it is let go counts', async (t) => {
  const { page, slider, value, changed } = await open(t);
  const from = await middle(slider('Hold below'));
  const plot = await slider('Hold below').locator('..').boundingBox();
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  // A tenth of the way is a tenth of the axis, which begins and ends 30 pixels inside.
  await page.mouse.move(from.x + 0.1 * (plot.width - 60), from.y + 40, { steps: 5 });
  await page.mouse.move(from.x + 0.2 * (plot.width - 60), from.y, { steps: 5 });
  await page.mouse.up();
  assert.equal(await value('Hold below'), 0.8);
  await page.mouse.move(from.x, from.y);
  assert.equal(await value('Hold below'), 0.8, 'let go is let go');
  await changed('Held', '+');
});

test('a finger drags it too', async (t) => {
  const { page, slider, value } = await open(t, { hasTouch: true, viewport: { width: 390, height: 844 } });
  const handle = slider('Spam from');
  await handle.scrollIntoViewIfNeeded();
  const { x, y } = await middle(handle);
  const cdp = await page.context().newCDPSession(page);
  const touch = (type, points) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  await touch('touchStart', [{ x, y }]);
  for (let step = 1; step <= 8; step += 1) await touch('touchMove', [{ x: x - step * 12, y }]);
  await touch('touchEnd', []);
  assert.ok((await value('Spam from')) < 0.75, String(await value('Spam from')));
});

test('a number can be typed where dragging is no way', async (t) => {
  const { page, value, changed } = await open(t);
  await page.getByRole('spinbutton', { name: 'Spam from' }).fill('0.5');
  await page.keyboard.press('Tab');
  assert.equal(await value('Spam from'), 0.5);
  await changed('Spam', '+');
  await page.getByRole('spinbutton', { name: 'Hold from' }).fill('0.7');
  await page.keyboard.press('Tab');
  assert.equal(await page.getByRole('spinbutton', { name: 'Hold from' }).inputValue(), '0.50', 'not past its neighbour');
});

test('a hand that moves on takes back what was asked before', async (t) => {
  const { page, slider, changed } = await open(t);
  let asked = 0;
  let held = null;
  await page.route('**/thresholds/preview', async (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
    // The first answer comes late, and must not be shown then.
    held = route;
  });
  await slider('Refuse below').focus();
  const first = page.waitForRequest('**/thresholds/preview');
  await page.keyboard.press('Home');
  await first;
  await page.keyboard.press('End');
  await changed('Refused', '+6');
  await held.continue().catch(() => {});
  assert.equal(await page.locator('.stale').count(), 0);
  await changed('Refused', '+6');
});

test('who does not see the drawing has the numbers as a table', async (t) => {
  const { page } = await open(t);
  await page.getByRole('img', { name: /^Captcha score, by what people made of the comments: published by people 5/ }).waitFor();
  await page.getByText('The same as a table').first().click();
  const row = page.getByRole('region', { name: 'Captcha score' }).getByRole('row', { name: /^0\.50 to 0\.55/ });
  assert.deepEqual((await row.getByRole('cell').allTextContents()).slice(0, 1), ['1']);
});

test('what cannot be counted says so, and is tried again', async (t) => {
  const { page, slider, headline, changed, complaints } = await open(t);
  await page.route('**/thresholds/preview', (route) => route.abort());
  await slider('Refuse below').focus();
  await page.keyboard.press('End');
  await headline.getByText('There was no answer').waitFor();
  await page.unroute('**/thresholds/preview');
  await headline.getByRole('button', { name: 'Try again' }).click();
  await changed('Refused', '+6');
  assert.deepEqual(complaints.filter((told) => !/ERR_FAILED/.test(told)), []);
});

test('the lines are copied as they stand', async (t) => {
  const { page } = await open(t, { permissions: ['clipboard-read', 'clipboard-write'], at: '#/lab?spam_at=0.75' });
  await page.getByRole('button', { name: 'Copy as settings' }).click();
  await page.getByText('Copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '[scoring]\nspam_at = 0.75\n');
});
