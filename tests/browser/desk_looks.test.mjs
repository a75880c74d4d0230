// How the desk looks, whom it shuts out, what hostile comments can do there, and what its first view weighs.
// Leaves pictures.

import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { openDesk, overflow, serious, until } from './desk.mjs';
import { openTab, startBrowser, startServer } from './harness.mjs';

/** The first view over the wire, head lines included. */
const MOST_BYTES = 60 * 1024;
const HOSTILE = {
  name: '"><img src=x onerror=hacked(1)>',
  url: 'https://example.org/"onmouseover="hacked(2)',
  body: '<script>hacked(3)</script><img src=x onerror=hacked(4)> [a](javascript:hacked(5)) <svg onload=hacked(6)>\n\n**strong**',
};

const near = 'Cheap watches and bags for everybody in the whole wide town today';
/** Each leads from the desk to a state of it. */
const VIEWS = {
  queue: { to: '#/waiting', ready: (page) => page.locator('#open-title').waitFor() },
  empty: { to: '#/rejected', ready: (page) => page.getByText('Nothing was rejected.').waitFor() },
  search: { to: '#/search?q=watches&status=pending', ready: (page) => page.locator('.row-open').first().waitFor() },
  copies: { to: '#/waiting?order=newest&q=', ready: (page) => page.locator('.row', { hasText: '×3' }).locator('.row-open').click() },
  chosen: {
    to: '#/waiting',
    ready: async (page) => {
      await page.locator('.row-open').first().waitFor();
      await page.keyboard.press('*');
      await page.locator('.bulk').waitFor();
    },
  },
  reject: { to: '#/waiting', ready: (page) => dialog(page, 'r', 'Reject') },
  ban: { to: '#/waiting', ready: (page) => dialog(page, 'b', 'Ban') },
  help: { to: '#/waiting', ready: (page) => dialog(page, '?', 'Keyboard') },
  unsent: {
    to: '#/waiting',
    ready: async (page) => {
      await page.locator('#open-title').waitFor();
      await page.route('**/decision', (route) => route.abort());
      await page.keyboard.press('s');
      await page.getByText('1 decision is not sent yet.').waitFor();
      await page.locator('.toast').waitFor();
    },
  },
  refused: {
    to: '#/waiting',
    ready: async (page) => {
      const body = JSON.stringify({ code: 'version_conflict', status: 409, decided_by: 'somebody-with-a-long-name', decided_at: new Date().toISOString(), status_now: 'spam', version: 9 });
      await page.locator('#open-title').waitFor();
      await page.route('**/decision', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', body }));
      await page.keyboard.press('a');
      await page.locator('.toast.warn').waitFor();
    },
  },
  reply: {
    to: '#/waiting',
    ready: async (page) => {
      await page.locator('#open-title').waitFor();
      await page.keyboard.press('R');
      await page.locator('.compose textarea').waitFor();
    },
  },
};

async function dialog(page, key, title) {
  await page.locator('#open-title').waitFor();
  await page.keyboard.press(key);
  await page.getByRole('dialog').getByRole('heading', { name: title }).first().waitFor();
}

let server, browser, pictures;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  pictures = process.env.REPLYDESK_PICTURES ?? (await mkdtemp(path.join(tmpdir(), 'replydesk-desk-')));
  await server.person('ada', 'admin');
  for (const end of ['', '!', '!!']) await server.comment({ body: near + end });
  await server.comment({ body: `> It was *time*.\n\nSee https://example.org/${'a-path-that-does-not-break'.repeat(12)} and ${'W'.repeat(300)}` });
  await server.comment({ name: 'زائر من بعيد', body: 'النص من اليمين إلى اليسار يبقى مقروءا هنا. 🏳️‍🌈👩‍👩‍👧 https://bit.ly/x' });
  for (let n = 0; n < 20; n += 1) await server.comment({ body: `Comment ${n} is about ${['lamps', 'bridges', 'schools', 'trees'][n % 4]} and nothing else, number ${n}.` });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function show(t, view, options) {
  const { to, ready } = VIEWS[view];
  // What is switched on only later has let a request slip past.
  const isDeaf = ['unsent', 'refused'].includes(view);
  const { page } = await openDesk(t, browser, server, { at: to, isDeaf, ...options });
  // A narrow screen begins with the list.
  const first = page.locator('.row-open').first();
  if (options.viewport.width < 768 && !['empty', 'search', 'copies', 'chosen'].includes(view)) await first.click();
  await ready(page);
  return page;
}

const size = (width, height) => ({ viewport: { width, height } });

for (const view of Object.keys(VIEWS)) {
  test(`${view} fits a screen of 320 pixels`, async (t) => {
    const page = await show(t, view, size(320, 640));
    assert.ok((await overflow(page)) <= 0, `the page is ${await overflow(page)} too wide`);
    const cut = await page.evaluate(() => [...document.querySelectorAll('button, a, input, select')].filter((one) => one.offsetParent && one.getBoundingClientRect().right > innerWidth + 0.5).map((one) => one.outerHTML));
    assert.deepEqual(cut, []);
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`${view} breaks no serious rule of axe in the ${colorScheme} scheme`, async (t) => {
      const page = await show(t, view, { ...size(1280, 900), colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await serious(page), []);
    });
  }
}

test('what is touched on a narrow screen is tall enough for a thumb', async (t) => {
  const page = await show(t, 'queue', { ...size(360, 740), hasTouch: true });
  const low = await page.evaluate(() => [...document.querySelectorAll('.bar button, .top button, .switch button')].filter((one) => one.offsetParent && one.offsetHeight < 44).map((one) => one.outerHTML));
  assert.deepEqual(low, []);
});

test('hostile words stay words on the list, in the comment, as readers see them, in dialogs', async (t) => {
  const { id } = await server.comment({ page: '/hostile', ...HOSTILE });
  const { page, complaints, isOpen } = await openDesk(t, browser, server, { at: '#/waiting?page=/hostile' });
  await page.evaluate(() => {
    globalThis.hacks = [];
    globalThis.hacked = (n) => globalThis.hacks.push(n);
  });
  await isOpen('onerror');
  assert.ok((await page.locator('.typed').textContent()).includes(HOSTILE.body));
  assert.ok((await page.locator('.row-text').textContent()).includes('<script>hacked(3)</script>'));
  await page.getByRole('button', { name: 'As readers see it' }).click();
  assert.equal(await page.locator('.item-text strong').textContent(), 'strong');
  for (const [key, close] of [['r', 'Escape'], ['b', 'Escape'], ['e', 'Escape'], ['R', 'Escape']]) {
    await page.keyboard.press(key);
    await page.locator('dialog[open], .compose:not([hidden])').first().waitFor();
    await page.keyboard.press(close);
    await page.locator('body').click({ position: { x: 5, y: 5 } });
  }
  await page.keyboard.press('s');
  await page.locator('.toast', { hasText: 'onerror' }).waitFor();
  const found = await page.evaluate(() => ({
    hacks: globalThis.hacks,
    made: document.querySelectorAll('#desk img[src="x"], .toasts img, dialog img, #desk svg, #desk script').length,
    handlers: [...document.querySelectorAll('*')].filter((one) => one.getAttributeNames().some((name) => name.startsWith('on'))).length,
    links: [...document.querySelectorAll('#desk a')].map((one) => one.href).filter((href) => /^(javascript|data):/i.test(href)),
  }));
  assert.deepEqual(found, { hacks: [], made: 0, handlers: 0, links: [] });
  assert.deepEqual(complaints.filter((text) => !/40[45]/.test(text)), []);
  await until(async () => (await server.see(id)).status === 'spam');
});

test('the page may not be framed, and nothing inline may run', async () => {
  const answer = await fetch(`${server.url}/desk`);
  const policy = answer.headers.get('content-security-policy');
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) assert.ok(policy.includes(part), part);
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.doesNotMatch(await answer.text(), /style=|<style|<script(?! type="module" src=)/);
});

test('the first view is light, and no module is found out about by reading another', async (t) => {
  const { page } = await openTab(browser, size(1280, 800));
  t.after(() => page.context().close());
  const { signIn } = await import('./desk.mjs');
  await signIn(page, server, 'ada');
  const wire = await page.context().newCDPSession(page);
  const seen = new Map();
  const bytes = new Map();
  wire.on('Network.requestWillBeSent', ({ requestId, request, initiator }) => seen.set(requestId, { url: request.url, initiator: initiator.type }));
  wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => bytes.set(requestId, encodedDataLength));
  await wire.send('Network.enable');
  await page.goto(`${server.url}/desk`);
  await page.locator('#open-title').waitFor();
  await page.locator('.history').waitFor();
  await page.waitForLoadState('load');
  const files = [...seen].filter(([, { url }]) => /\/assets\/|\/desk$/.test(url)).map(([id, { url, initiator }]) => ({ url, initiator, size: bytes.get(id) ?? 0 }));
  const sum = files.reduce((all, { size: one }) => all + one, 0);
  t.diagnostic(`${sum} bytes in ${files.length} files`);
  assert.ok(sum > 10_000 && sum <= MOST_BYTES, `${sum} bytes`);
  const late = files.filter(({ url, initiator }) => url.endsWith('.js') && initiator === 'script' && !url.endsWith('around.js'));
  assert.deepEqual(late.map(({ url }) => url), []);
});

test('pictures are taken, to be looked at', async (t) => {
  for (const view of Object.keys(VIEWS)) {
    for (const [width, height, colorScheme] of [[1280, 800, 'light'], [1280, 800, 'dark'], [768, 1024, 'light'], [320, 640, 'light']]) {
      const page = await show(t, view, { ...size(width, height), colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: path.join(pictures, `${view}-${width}-${colorScheme}.png`) });
      await page.context().close();
    }
  }
  t.diagnostic(`Pictures are in ${pictures}`);
});
