// The widget on other people's pages: another origin under the strictest policy, a page over plain http, attributes
// that are hostile, messages from anywhere, styles of the host. Whatever the host does, comments are read and sent.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { fill, openTab, reader, startBrowser, startHost, startServer } from './harness.mjs';

const PLAIN = 'news.test';

let server, host, browser;
/** The host's pages by path: `{head, body, policy}`. */
const pages = new Map();
before(async () => {
  host = await startHost((path) => {
    const page = pages.get(path);
    const headers = page?.policy ? { 'Content-Security-Policy': page.policy } : {};
    return page ? { type: 'text/html; charset=utf-8', headers, body: `<!doctype html><html lang="en"><head><title>An article</title>${page.head ?? ''}</head><body>${page.body}</body></html>` } : null;
  });
  const { port } = new URL(host.url);
  const settings = `[[site]]\nid = "news"\norigins = ["${host.url}", "http://${PLAIN}:${port}"]\n`;
  // The host listens on localhost, which is ::1 or 127.0.0.1; the browser takes either for both names.
  [server, browser] = await Promise.all([startServer(settings), startBrowser({ more: [`--host-resolver-rules=MAP ${PLAIN} localhost`] })]);
});
after(async () => {
  await browser?.close();
  await host?.stop();
  await server?.stop();
});

const script = () => `<script type="module" src="${server.url}/embed.js"></script>`;

async function open(t, path, page, { at = host.url, ...options } = {}) {
  pages.set(path, page);
  const tab = await openTab(browser, options);
  t.after(() => tab.page.context().close());
  const foreign = [];
  tab.page.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (origin !== at && origin !== server.url) foreign.push(request.url());
  });
  await tab.page.goto(at + path);
  return { ...tab, foreign };
}

const send = (page) => page.getByRole('button', { name: 'POST COMMENT' }).click();
const published = async (path, body, more = {}) => {
  const { id } = await server.comment({ page: host.url + path, body, ...more });
  await server.approveAll([id]);
  return id;
};

test('under the strictest policy of another origin it is drawn, solved and sent, and the browser complains of nothing', async (t) => {
  const ours = server.url;
  const policy = `default-src 'none'; script-src ${ours}; connect-src ${ours}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;
  await published('/strict', 'It *stands* here.');
  const { page, complaints, foreign } = await open(t, '/strict', { policy, body: `<reply-desk page="${host.url}/strict"></reply-desk>${script()}` });
  await page.locator('.comment em').getByText('stands').waitFor();
  const button = page.getByRole('button', { name: 'POST COMMENT' });
  const [colour, body] = await Promise.all([button.evaluate((element) => getComputedStyle(element).backgroundColor), page.evaluate(() => getComputedStyle(document.body).backgroundColor)]);
  assert.notEqual(colour, body, 'its styles are in force');
  await fill(page, { ...reader, body: 'From under a strict policy.' });
  await send(page);
  await page.locator('.comment', { hasText: 'From under a strict policy.' }).waitFor();
  assert.equal((await server.waiting('From under a strict policy.')).captcha.outcome, 'pass');
  assert.deepEqual([complaints, foreign], [[], []]);
  assert.deepEqual(await page.context().cookies(), []);
});

test('from a page over plain http a comment goes out, and an editor reads it first', async (t) => {
  const { port } = new URL(host.url);
  const at = `http://${PLAIN}:${port}`;
  const { page } = await open(t, '/plain', { body: `<reply-desk page="/plain"></reply-desk>${script()}` }, { at });
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await page.locator('#rd-body').focus();
  await page.getByText('an editor will read your comment first').waitFor();
  await fill(page, { ...reader, body: 'Sent over plain http from elsewhere.' });
  await send(page);
  await page.locator('.comment', { hasText: 'Sent over plain http from elsewhere.' }).waitFor();
  assert.equal((await server.waiting('Sent over plain http from elsewhere.')).captcha.outcome, 'missing');
});

test('hostile attributes are data, and a page of another site is refused with a sentence', async (t) => {
  const evil = `"><img src=x onerror="globalThis.hasRun=1">`;
  const escaped = evil.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const names = ['page-title', 'lang', 'theme', 'sort', 'depth', 'limit', 'form', 'loading', 'dir'];
  const attributes = names.map((name) => `${name}="${escaped}"`).join(' ');
  await published('/odd', 'Whatever the attributes say.');
  const { page, foreign } = await open(t, '/odd', { body: `<reply-desk page="${host.url}/odd" src="javascript:alert(1)" ${attributes}></reply-desk><reply-count page="${escaped}" format="${escaped}"></reply-count>${script()}` });
  await page.locator('.comment', { hasText: 'Whatever the attributes say.' }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.hasRun ?? null), null);
  assert.deepEqual(foreign, []);
  const other = await open(t, '/other', { body: `<reply-desk page="https://elsewhere.example/a"></reply-desk>${script()}` });
  await other.page.locator('reply-desk').getByText('Comments are not taken from this site.').first().waitFor();
});

test('messages from anywhere change nothing', async (t) => {
  await published('/told', 'The only comment.');
  const { page } = await open(t, '/told', { body: `<reply-desk page="/told"></reply-desk>${script()}` });
  await page.locator('.comment').waitFor();
  await fill(page, { body: 'Half a comment.' });
  // Once it listens to what happens, there is a place for what comes.
  await page.locator('reply-desk .bar').waitFor({ state: 'attached' });
  const shown = () => page.locator('reply-desk').evaluate((element) => [element.shadowRoot.textContent, element.shadowRoot.querySelectorAll('*').length]);
  // What the form fetches once somebody writes has come: for half a second nothing moves any more.
  await page.locator('reply-desk').evaluate((element) => new Promise((settled) => {
    let timer = setTimeout(settled, 500);
    const again = () => (clearTimeout(timer), (timer = setTimeout(settled, 500)));
    new MutationObserver(again).observe(element.shadowRoot, { subtree: true, childList: true, characterData: true, attributes: true });
  }));
  const before = await shown();
  await page.evaluate(async () => {
    const frame = document.createElement('iframe');
    frame.srcdoc = '<script>for (const type of ["replydesk:submitted", "replydesk:token", "height", "reset"]) parent.postMessage({ type, height: 9, token: "x", html: "<b>x</b>" }, "*"); parent.postMessage("done", "*")</script>';
    const done = new Promise((resolve) => addEventListener('message', ({ data }) => data === 'done' && resolve(undefined)));
    document.body.append(frame);
    await done;
  });
  assert.deepEqual(await shown(), before);
  assert.equal(await page.locator('#rd-body').inputValue(), 'Half a comment.');
});

test('the host styles it by properties and parts, and neither side’s styles leak', async (t) => {
  const head = `<style>p, h2, button, article { color: rgb(1, 2, 3) !important; display: none } reply-desk { --replydesk-accent: rgb(200, 0, 100) } reply-desk::part(comment) { outline: 3px solid rgb(9, 8, 7) }</style>`;
  await published('/style', 'Styled.');
  const { page } = await open(t, '/style', { head, body: `<div id="mine">mine</div><reply-desk page="/style"></reply-desk>${script()}` });
  const comment = page.locator('.comment');
  await comment.waitFor();
  const look = (locator, property) => locator.evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
  assert.equal(await look(page.getByRole('button', { name: 'POST COMMENT' }), 'background-color'), 'rgb(200, 0, 100)');
  assert.equal(await look(page.locator('[part~="comment"]').first(), 'outline-color'), 'rgb(9, 8, 7)');
  assert.equal(await page.locator('reply-desk h2').first().isVisible(), true);
  assert.equal(await page.evaluate(() => document.styleSheets.length + document.adoptedStyleSheets.length), 1, 'only the host’s own');
});

test('what stands in the element stays where the script never comes, and gives its words over where it does', async (t) => {
  const form = `<form action="${server.url}/comments" method="post"><textarea name="body">Typed before the script came.</textarea><input name="name" value="Ada"></form>`;
  const { page } = await open(t, '/late', { body: `<reply-desk page="/late">${form}</reply-desk>` });
  assert.equal(await page.locator('textarea').inputValue(), 'Typed before the script came.');
  await page.locator('textarea').fill('Typed before the script came, and more.');
  await page.addScriptTag({ type: 'module', url: `${server.url}/embed.js` });
  await page.waitForFunction(() => document.querySelector('reply-desk').shadowRoot?.querySelector('#rd-body')?.value);
  await page.waitForFunction(() => document.querySelector('reply-desk').querySelector('textarea') === null);
  assert.equal(await page.locator('#rd-body').inputValue(), 'Typed before the script came, and more.');
  assert.equal(await page.locator('#rd-name').inputValue(), 'Ada');
  assert.equal(await page.locator('textarea').count(), 1);
});

for (const [how, options, size] of [
  ['on a screen of 320 pixels', { viewport: { width: 320, height: 640 } }, '100%'],
  ['at 200 % zoom', { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 }, '100%'],
  ['with letters twice as large', { viewport: { width: 640, height: 800 } }, '200%'],
]) {
  for (const lang of ['en', 'ar']) {
    test(`${how} everything is there and nothing is wider than the page, in ${lang}`, async (t) => {
      const path = `/narrow-${lang}-${size}-${options.viewport.width}`;
      const long = 'Donaudampfschifffahrtsgesellschaftskapitänswitwe'.repeat(3);
      let parent = null;
      for (const body of [`${long} https://a.example/${long}`, `\`${long}\``, `> ${long}\n\n- ${long}`, 'Yes.', 'No.']) parent = await published(path, body, { parent, name: long.slice(0, 80) });
      const head = `<meta name="viewport" content="width=device-width"><style>html { font-size: ${size} }</style>`;
      const { page } = await open(t, path, { head, body: `<reply-desk page="${path}" lang="${lang}"></reply-desk>${script()}` }, options);
      await page.locator('.comment').last().waitFor();
      await page.locator('reply-desk summary').first().waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
      const outside = await page.locator('reply-desk').evaluate((element) => [...element.shadowRoot.querySelectorAll('button, a, input:not([tabindex]), textarea, select')].filter((one) => {
        const { left, right, width } = one.getBoundingClientRect();
        return width > 0 && (left < -1 || right > innerWidth + 1);
      }).map((one) => one.outerHTML));
      assert.deepEqual(outside, []);
    });
  }
}

test('a list of articles asks for all its counts in one call', async (t) => {
  await published('/counted', 'One.');
  await published('/counted', 'And two.');
  const items = Array.from({ length: 30 }, (_, number) => `<li><a href="#">x</a> <reply-count page="/none-${number}"></reply-count></li>`).join('');
  const asked = [];
  pages.set('/list', { body: `<ul><li><reply-count id="two" page="/counted"></reply-count></li>${items}</ul>${script()}` });
  const { page } = await openTab(browser);
  t.after(() => page.context().close());
  page.on('request', (request) => request.url().includes('/api/comments/counts') && asked.push(request.url()));
  await page.goto(`${host.url}/list`);
  await page.locator('#two', { hasText: '2 comments' }).waitFor();
  assert.equal(asked.length, 1);
});
