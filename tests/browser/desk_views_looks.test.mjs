// How the desk's other views look and whom they shut out: narrow screens, both schemes, axe's rules, what is empty and
// what cannot be had. Leaves pictures.

import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { openDesk, overflow, serious } from './desk.mjs';
import { fillPast, startPast } from './desk_past.mjs';
import { startBrowser } from './harness.mjs';

const press = (name) => (page) => page.getByRole('button', { name }).first().click();
/** Each leads to a view or a state of it; `ready` waits until it is there. */
const VIEWS = {
  bans: { to: '#/bans', ready: (page) => page.locator('.entry').first().waitFor() },
  'bans-set': { to: '#/bans', ready: press('Set a ban') },
  audit: { to: '#/audit', ready: press('Details') },
  people: { to: '#/people', ready: (page) => page.locator('.entry').first().waitFor() },
  'people-invite': { to: '#/people', ready: press('Invite somebody') },
  person: { to: '#/people/a-name-that-is-as-long-as-names-may-be-and-never-breaks-anywhere', ready: (page) => page.getByText('They are signed in nowhere.').waitFor() },
  tokens: { to: '#/tokens', ready: (page) => page.locator('.entry').first().waitFor() },
  'tokens-make': { to: '#/tokens', ready: press('Make a token') },
  account: { to: '#/account', ready: (page) => page.locator('.entry').first().waitFor() },
  'account-factor': {
    to: '#/account',
    ready: async (page) => {
      await press('Set it up')(page);
      await page.getByLabel('Your password').fill('a few words of their own');
      await press('Go on')(page);
      await page.locator('.qr').waitFor();
    },
  },
  sites: { to: '#/sites', ready: (page) => page.locator('.card').first().waitFor() },
  pages: { to: '#/pages', ready: (page) => page.locator('.entry').first().waitFor() },
  refusals: { to: '#/refusals', ready: (page) => page.locator('.entry').first().waitFor() },
  refusal: {
    to: '#/refusals',
    ready: async (page) => {
      await page.locator('.entry a').first().click();
      await page.getByRole('heading', { name: 'Found' }).waitFor();
    },
  },
  statistics: {
    to: '#/statistics',
    ready: async (page) => {
      await page.locator('.chart .tick').first().waitFor();
      await page.getByText('The same as a table').first().click();
    },
  },
  lab: {
    to: '#/lab?reject_below=0.5&spam_at=0.6',
    ready: async (page) => {
      await page.locator('.fates .moved').first().waitFor();
      await page.getByText('The same as a table').first().click();
    },
  },
};
const LONG = 'a-name-that-is-as-long-as-names-may-be-and-never-breaks-anywhere';

let past, browser, pictures;
before(async () => {
  [past, browser] = await Promise.all([startPast(), startBrowser()]);
  pictures = process.env.REPLYDESK_PICTURES ?? (await mkdtemp(path.join(tmpdir(), 'replydesk-desk-views-')));
  await past.person('ada', 'admin');
  await past.person(LONG);
  await fillPast(past);
  await past.comment({ page: `/${'a-path-that-does-not-break'.repeat(8)}`, body: 'Where does this path end?' });
  const create = await past.as('ada');
  await create('/tokens', { name: LONG, scope: 'read', expires_at: null });
  await create('/bans', { kind: 'name', value: 'W'.repeat(60), mode: 'shadow', site: 'default', reason: 'W'.repeat(200) });
});
after(async () => {
  await browser?.close();
  await past?.stop();
});

async function show(t, view, options) {
  const tab = await openDesk(t, browser, past, { at: VIEWS[view].to, ...options });
  await VIEWS[view].ready(tab.page);
  return tab;
}

const size = (width, height) => ({ viewport: { width, height } });

for (const view of Object.keys(VIEWS)) {
  test(`${view} fits a screen of 320 pixels`, async (t) => {
    const { page } = await show(t, view, { ...size(320, 640), hasTouch: true });
    assert.ok((await overflow(page)) <= 0, `${await overflow(page)} pixels are out of sight`);
    const dialogs = await page.locator('dialog .dialog-body').evaluateAll((all) => all.map((one) => one.scrollWidth - one.clientWidth));
    assert.deepEqual(dialogs.filter((over) => over > 0), []);
  });

  test(`${view} breaks no serious rule of axe in either scheme, and no rule of the page’s policy`, async (t) => {
    const { page, complaints } = await show(t, view, size(1280, 800));
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await serious(page), [], colorScheme);
    }
    assert.deepEqual(complaints, []);
  });
}

const STATES = {
  'what cannot be had says so and can be tried again': { status: 503, code: 'unavailable', detail: 'The store gives no answer.', told: 'The store gives no answer.' },
  'what is not allowed says whom to ask': { status: 403, code: 'forbidden', detail: 'Forbidden.', told: 'Ask an admin.' },
};
const ASKED = /\/api\/moderation\/(bans|audit|moderators|tokens|sites|pages|refusals|statistics|thresholds)/;
for (const [name, { told, ...problem }] of Object.entries(STATES)) {
  test(name, async (t) => {
    const { page } = await openDesk(t, browser, past, { at: '#/account' });
    let isBroken = true;
    await page.route(ASKED, (route) => (isBroken ? route.fulfill({ status: problem.status, contentType: 'application/problem+json', body: JSON.stringify({ title: 'No', ...problem }) }) : route.continue()));
    for (const [view, ready] of [['bans', '.entry'], ['audit', '.entry'], ['people', '.entry'], ['tokens', '.entry'], ['sites', '.card'], ['pages', '.entry'], ['refusals', '.entry'], ['statistics', '.tile'], ['lab', '.handle']]) {
      isBroken = true;
      await page.evaluate((hash) => (location.hash = hash), `#/${view}`);
      const alert = page.getByRole('alert').filter({ hasText: told });
      await alert.waitFor();
      assert.deepEqual(await serious(page), [], view);
      isBroken = false;
      await alert.getByRole('button', { name: 'Try again' }).click();
      await page.locator(ready).first().waitFor();
    }
  });
}

test('pictures are taken, to be looked at', async (t) => {
  for (const view of Object.keys(VIEWS)) {
    for (const [width, height, colorScheme] of [[1280, 900, 'light'], [320, 700, 'light'], [1280, 900, 'dark']]) {
      const { page } = await show(t, view, { ...size(width, height), colorScheme });
      await page.screenshot({ path: path.join(pictures, `${view}-${width}-${colorScheme}.png`) });
      await page.context().close();
    }
  }
  t.diagnostic(`Pictures are in ${pictures}`);
});
