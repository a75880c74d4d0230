// Attack mode at the desk: told in a banner, ended and set by hand, and a flood told as one number. Leaves pictures.

import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { openDesk, overflow, serious, until } from './desk.mjs';
import { startBrowser, startServer } from './harness.mjs';

const SITES = `
[moderation]
attack_for = "20m"
[[site]]
id = "news"
origins = ["https://news.example"]
[[site]]
id = "blog"
origins = ["https://blog.example"]
`;
const LONG = `/${'a-path-that-does-not-break'.repeat(6)}`;

let server, browser, pictures;
before(async () => {
  [server, browser] = await Promise.all([startServer(SITES), startBrowser()]);
  pictures = process.env.REPLYDESK_PICTURES ?? (await mkdtemp(path.join(tmpdir(), 'replydesk-desk-attack-')));
  await server.person('ada', 'admin');
  await server.person('ben', 'moderator', '--site', 'blog');
  await server.comment({ page: 'https://news.example/town/bridge', name: 'Nina', body: 'The bridge should stay open.' });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
/** Nothing is held when a test begins. */
beforeEach(async () => {
  for (const attack of await server.held()) await server.unhold(attack);
});

const banner = (page) => page.getByRole('region', { name: 'Attack mode' });

test('the banner says what is held and why, keeps still, and is gone when it is ended', async (t) => {
  await server.hold({ site: 'news' });
  const { page, toast } = await openDesk(t, browser, server);
  const told = banner(page).getByRole('status');
  await told.getByText('everything on all of news has been held').waitFor();
  assert.match(await told.textContent(), /since \d\d:\d\d: set by browser\./);
  // Past midnight it names the day too.
  assert.match(await banner(page).textContent(), /Until (\d+ \w+, )?\d\d:\d\d\./);
  const row = await told.elementHandle();
  // Longer: the time moves, and nothing is said anew.
  await server.hold({ site: 'news', minutes: 600 });
  await server.comment({ page: 'https://news.example/town/bridge', body: 'So that the desk looks at its counts.' });
  await until(() => page.evaluate((node) => node.isConnected, row));
  await page.getByRole('button', { name: 'End now: all of news' }).focus();
  await page.keyboard.press('Enter');
  await toast('Ended on all of news').waitFor();
  await banner(page).waitFor({ state: 'hidden' });
  assert.deepEqual(await server.held(), []);
  await toast('Ended').getByRole('button', { name: 'Hold again' }).click();
  await banner(page).getByText('set by you').waitFor();
});

test('who has but one site is told of that alone', async (t) => {
  await server.hold({ site: 'news' });
  await server.hold({ site: 'blog', page: 'https://blog.example/lamps' });
  const { page } = await openDesk(t, browser, server, { who: 'ben' });
  await banner(page).getByText('everything on /lamps has been held').waitFor();
  assert.equal(await banner(page).getByRole('status').count(), 1);
});

test('everything is held for a while from the list of pages and from the sites', async (t) => {
  const { page } = await openDesk(t, browser, server, { at: '#/pages' });
  await page.getByRole('button', { name: 'Hold everything for… on /town/bridge' }).click();
  const dialog = page.getByRole('dialog', { name: 'Hold everything on /town/bridge' });
  await dialog.getByLabel('For how long').selectOption('4 hours');
  await dialog.getByRole('button', { name: 'Hold everything' }).click();
  await banner(page).getByText('everything on /town/bridge on news has been held').waitFor();
  await page.getByRole('button', { name: 'Hold everything for…', exact: true }).click();
  const whole = page.getByRole('dialog', { name: 'Hold everything on a site' });
  await whole.getByLabel('Where').selectOption('blog');
  await whole.getByRole('button', { name: 'Hold everything' }).click();
  await banner(page).getByText('everything on all of blog has been held').waitFor();
  await page.goto(`${server.url}/desk#/sites`);
  await page.getByRole('button', { name: 'Hold everything for… on news' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Hold everything' }).click();
  await banner(page).getByText('everything on all of news has been held').waitFor();
  assert.equal((await server.held()).length, 3);
  await page.goto(`${server.url}/desk#/audit`);
  await page.getByText(/held everything on blog until/).waitFor();
});

test('a flood is told as one number, every few seconds, and asks for the counts no oftener', async (t) => {
  const { page } = await openDesk(t, browser, server, { at: '#/waiting?order=newest&site=news' });
  const [texts, asked] = [[], []];
  page.on('request', (request) => request.url().includes('/summary') && asked.push(Date.now()));
  await page.locator('.fresh').waitFor({ state: 'attached' });
  await page.getByText('Up to date').waitFor();
  await page.exposeFunction('seen', (text) => texts.push(text));
  await server.hold({ site: 'news' });
  await page.evaluate(() => new MutationObserver(() => window.seen(document.querySelector('.fresh').textContent)).observe(document.querySelector('.fresh'), { childList: true, characterData: true, subtree: true }));
  const begun = Date.now();
  await Promise.all(Array.from({ length: 60 }, (_, n) => server.comment({ page: `https://news.example/flood/${n}`, body: `Another one of many, the ${n}th that came in this very minute.` })));
  await page.getByText('60 new').waitFor();
  const seconds = (Date.now() - begun) / 1000;
  assert.ok(texts.length <= 1 + seconds / 4, `${texts} in ${seconds} s`);
  assert.ok(asked.length <= 3 + seconds / 4, `${asked.length} in ${seconds} s`);
});

for (const [width, height] of [[1280, 800], [320, 640]]) {
  test(`the banner fits ${width} pixels and breaks no serious rule in either scheme`, async (t) => {
    await server.hold({ site: 'news' });
    await server.hold({ site: 'blog', page: LONG });
    for (const n of [1, 2, 3]) await server.hold({ site: 'blog', page: `/page/${n}`, minutes: 1440 });
    for (const colorScheme of ['light', 'dark']) {
      const { page, complaints } = await openDesk(t, browser, server, { viewport: { width, height }, colorScheme });
      await banner(page).getByRole('status').first().waitFor();
      assert.ok((await overflow(page)) <= 0);
      assert.deepEqual(await serious(page), [], colorScheme);
      assert.deepEqual(complaints, []);
      await page.screenshot({ path: path.join(pictures, `attack-${width}-${colorScheme}.png`) });
      await page.getByRole('button', { name: width < 400 ? 'Show 4 more' : 'Show 2 more' }).click();
      assert.equal(await banner(page).getByRole('status').count(), 5);
      await page.screenshot({ path: path.join(pictures, `attack-all-${width}-${colorScheme}.png`) });
      await page.goto(`${server.url}/desk#/pages`);
      await page.getByRole('button', { name: /^Hold everything/ }).first().click();
      await page.getByRole('dialog').waitFor();
      assert.deepEqual(await serious(page), [], `${colorScheme}, asked`);
      await page.screenshot({ path: path.join(pictures, `attack-hold-${width}-${colorScheme}.png`) });
    }
    t.diagnostic(`Pictures are in ${pictures}`);
  });
}
