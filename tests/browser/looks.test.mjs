// How the pages look and whom they shut out: narrow screens, the dark scheme, axe's rules. Leaves pictures.

import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import axe from 'axe-core';

import { fill, openTab, reader, startBrowser, startServer } from './harness.mjs';

const LONG = `https://example.org/${'a-path-that-does-not-break'.repeat(12)}`;
/** The widget has taken the place of what stood in it, and drawn what the thread ends with. */
const isDrawn = async (page) => {
  await page.waitForFunction(() => !document.querySelector('reply-desk')?.firstElementChild);
  await page.getByText('Well.', { exact: true }).waitFor();
};
const thread = (more = '') => `${server.url}/thread?page=%2Fdemo${more}`;
const VIEWS = {
  demo: (page) => page.goto(`${server.url}/demo`).then(() => isDrawn(page)),
  pending: (page) => page.goto(`${server.url}/demo?replydesk=pending`).then(() => isDrawn(page)),
  thread: (page) => page.goto(thread()).then(() => isDrawn(page)),
  failed: async (page) => {
    await page.goto(`${server.url}/`);
    // As without scripts: a plain form, sent by the browser.
    await page.evaluate((values) => {
      const form = Object.assign(document.createElement('form'), { method: 'post', action: '/comments' });
      for (const [name, value] of Object.entries(values)) form.append(Object.assign(document.createElement('input'), { name, value }));
      document.body.append(form);
      form.submit();
    }, { page: '/demo', body: `Some words. ${'W'.repeat(200)}`, email: 'no address' });
    await page.getByRole('heading', { name: 'Please check your comment' }).waitFor();
  },
  landing: (page) => page.goto(`${server.url}/`),
  docs: (page) => page.goto(`${server.url}/docs`),
};

let server, browser, pictures;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  pictures = process.env.REPLYDESK_PICTURES ?? (await mkdtemp(path.join(tmpdir(), 'replydesk-pictures-')));
  const { page } = await openTab(browser, { javaScriptEnabled: false });
  let parent = null;
  for (const body of [`> It was *time*.\n\nSee ${LONG}`, 'I crossed it **twice**.', 'W'.repeat(300), 'Yes.', 'No.', 'Well.']) {
    await page.goto(thread(parent ? `&reply=${parent}#reply-form` : ''));
    await fill(page, { ...reader, url: 'https://ada.example', body });
    await page.getByRole('button', { name: 'POST COMMENT' }).press('Enter');
    await page.waitForURL(/replydesk=pending/);
    parent = (await server.approve(body)).id;
  }
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function show(t, view, options) {
  const { page } = await openTab(browser, options);
  t.after(() => page.context().close());
  await VIEWS[view](page);
  return page;
}

const size = (width, height) => ({ viewport: { width, height } });

for (const view of Object.keys(VIEWS)) {
  test(`${view} fits a screen of 320 pixels`, async (t) => {
    const page = await show(t, view, size(320, 640));
    const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(content <= screen, `the content is ${content} wide`);
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`${view} breaks no serious rule of axe in the ${colorScheme} scheme`, async (t) => {
      const page = await show(t, view, { ...size(1280, 900), colorScheme });
      await page.evaluate(axe.source);
      const { violations, passes } = await page.evaluate(() => window.axe.run());
      assert.ok(passes.length > 10, 'axe looked');
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      assert.deepEqual(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
    });
  }
}

test('the dark scheme has light words on a dark ground', async (t) => {
  const brightness = (page) =>
    page.evaluate(() => {
      const of = (colour) => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
      const { backgroundColor, color } = getComputedStyle(document.body);
      return { ground: of(backgroundColor), words: of(color) };
    });
  const dark = await brightness(await show(t, 'demo', { colorScheme: 'dark' }));
  const light = await brightness(await show(t, 'demo', { colorScheme: 'light' }));
  assert.ok(dark.ground < dark.words && light.ground > light.words, JSON.stringify({ dark, light }));
});

test('the widget has the colours of our page', async (t) => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await show(t, 'thread', { colorScheme });
    const [widget, ours] = await page.evaluate(() => {
      const probe = document.body.appendChild(document.createElement('a'));
      const send = document.querySelector('reply-desk').shadowRoot.querySelector('button[type=submit]');
      probe.href = '/';
      return [getComputedStyle(send).backgroundColor, getComputedStyle(probe).color];
    });
    assert.equal(widget, ours, colorScheme);
  }
});

test('pictures are taken, to be looked at', async (t) => {
  for (const view of Object.keys(VIEWS)) {
    for (const [width, height, colorScheme] of [[1280, 900, 'light'], [360, 740, 'light'], [1280, 900, 'dark']]) {
      const page = await show(t, view, { ...size(width, height), colorScheme });
      await page.screenshot({ path: path.join(pictures, `${view}-${width}-${colorScheme}.png`), fullPage: view !== 'docs' });
      await page.context().close();
    }
  }
  t.diagnostic(`Pictures are in ${pictures}`);
});
