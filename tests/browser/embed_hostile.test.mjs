// Every payload of the corpus in every field of a comment, approved, and shown on every surface that readers and
// moderators see, in a browser that would run it: nothing runs, nothing is fetched, nothing but known markup is there.
// The host's page has no policy of its own, and the policies of our pages are taken away, so that only the escaping counts.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { openTab, siteAt, startBrowser, startHost, startServer } from './harness.mjs';

const CORPUS = fileURLToPath(new URL('../../../shared/corpora/xss/core.jsonl', import.meta.url));
const isThere = existsSync(CORPUS);
/** A few of every kind, for a checkout without the corpus. */
const OWN = ['<img src=x onerror=alert(1)>', '<script>alert(1)</script>', '"><svg onload=alert(1)>', '[x](javascript:alert(1))', '`<b>`', '<a href="jAvAsCrIpT:alert(1)">x</a>', '&lt;script&gt;alert(1)&lt;/script&gt;', "'-alert(1)-'", '{{constructor.constructor("alert(1)")()}}', '<style>@import "//evil.example"</style>'];
const payloads = isThere ? readFileSync(CORPUS, 'utf8').trim().split('\n').map((line) => JSON.parse(line).payload) : OWN;
if (!isThere) console.log('skipped: the corpus of payloads, which is not beside this checkout; ten of our own are tried');

const PAGE = '/hostile';
const AT_ONCE = 16;
/** What a comment's text may consist of. */
const KNOWN = ['P', 'BR', 'EM', 'STRONG', 'CODE', 'PRE', 'BLOCKQUOTE', 'UL', 'OL', 'LI', 'A'];

let server, host, browser, sent;
before(async () => {
  host = await startHost((path) => (path === PAGE ? { type: 'text/html; charset=utf-8', body: hostPage() } : null));
  [server, browser] = await Promise.all([startServer(`${siteAt(host.url)}[site.captcha]\nprovider = "none"\n`), startBrowser()]);
  sent = await postAll();
  await server.approveAll(sent);
});
after(async () => {
  await browser?.close();
  await host?.stop();
  await server?.stop();
});

const hostPage = () => `<!doctype html><html lang="en"><title>Article</title><main><reply-desk page="${PAGE}" limit="200"></reply-desk></main><script type="module" src="${server.url}/embed.js"></script>`;

/** Sends every payload as text, name, address and title; what a field refuses goes without it. Gives the ids of what was taken. */
async function postAll() {
  const ids = [];
  const left = payloads.entries();
  const worker = async () => {
    for (const [number, payload] of left) {
      const plain = { page: PAGE, body: `${payload}\n${number}`, name: `Reader ${number}`, email: `r${number}@example.org` };
      const hostile = { ...plain, name: payload, url: /^https?:/i.test(payload) ? payload : `https://a.example/${payload}`, title: payload.slice(0, 300) };
      const id = (await post(hostile)) ?? (await post({ ...hostile, url: null })) ?? (await post({ ...plain, url: hostile.url })) ?? (await post(plain));
      if (id) ids.push(id);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return ids;
}

/** The id, or nothing where a field was at fault. */
async function post(values) {
  const answer = await fetch(`${server.url}/api/comments`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: host.url }, body: JSON.stringify(values) });
  if (answer.ok) return (await answer.json()).id;
  assert.equal(answer.status, 422, await answer.text());
  return null;
}

/** A tab that notices whatever would run or be fetched. */
async function wary(t, options) {
  const { page } = await openTab(browser, options);
  t.after(() => page.context().close());
  const ran = [];
  page.on('dialog', (dialog) => {
    ran.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (origin !== host.url && origin !== server.url) ran.push(request.url());
  });
  page.on('framenavigated', (frame) => frame !== page.mainFrame() && ran.push(`a frame: ${frame.url()}`));
  await page.addInitScript(() => {
    for (const name of ['alert', 'confirm', 'prompt', 'print']) globalThis[name] = () => (globalThis.hasRun = name);
  });
  return { page, check: async () => assert.deepEqual([ran, await page.evaluate(() => globalThis.hasRun ?? null)], [[], null]) };
}

/** Takes a page's own policy away. */
const withoutPolicy = (page, address) =>
  page.route(address, async (route) => {
    const answer = await route.fetch();
    const headers = { ...answer.headers() };
    delete headers['content-security-policy'];
    await route.fulfill({ response: answer, headers });
  });

/** What stands in comments' texts and must not: elements beyond the known, handlers, addresses that are no addresses. */
const odd = (place, known) => {
  const root = place.shadowRoot ?? place;
  const found = [];
  for (const element of root.querySelectorAll('.words *')) if (!known.includes(element.tagName)) found.push(element.outerHTML);
  for (const element of root.querySelectorAll('*')) {
    if (/^(script|iframe|object|embed|base|meta|img|video|audio|svg|math|style)$/i.test(element.tagName)) found.push(element.outerHTML);
    for (const { name, value } of element.attributes) {
      if (/^on|^style$|^srcdoc$/i.test(name)) found.push(`${name}=${value}`);
      if (/^(href|action|formaction|src)$/i.test(name) && /^\s*(javascript|data|vbscript):/i.test(value)) found.push(`${name}=${value}`);
    }
  }
  return found.slice(0, 20);
};

test('the widget shows every payload as the text it is', async (t) => {
  const { page, check } = await wary(t);
  await page.goto(`${host.url}${PAGE}`);
  const comments = page.locator('reply-desk .comment');
  await comments.first().waitFor();
  for (let shown = await comments.count(); shown < sent.length; shown = await comments.count()) {
    await page.getByRole('button', { name: 'Load more comments' }).click();
    await page.waitForFunction((before) => document.querySelector('reply-desk').shadowRoot.querySelectorAll('.comment').length > before, shown);
  }
  assert.ok(sent.length > payloads.length * 0.9, `${sent.length} of ${payloads.length} were taken`);
  assert.equal(await comments.count(), sent.length);
  assert.deepEqual(await page.locator('reply-desk').evaluate(odd, KNOWN), []);
  await check();
});

test('the thread without scripts of ours shows every payload as text, stretch by stretch', async (t) => {
  const { page, check } = await wary(t);
  await withoutPolicy(page, '**/thread*');
  await page.route('**/embed.js*', (route) => route.abort());
  await page.goto(`${server.url}/thread?page=${encodeURIComponent(host.url + PAGE)}`);
  let shown = 0;
  for (;;) {
    shown += await page.locator('.comment').count();
    assert.deepEqual(await page.locator('main').evaluate(odd, KNOWN), []);
    const more = page.locator('a.more');
    if ((await more.count()) === 0) break;
    const next = new URL(await more.getAttribute('href'), page.url()).href;
    await more.click();
    // What is counted is the whole page, not what has come of it.
    await page.waitForURL(next);
  }
  assert.equal(shown, sent.length);
  await check();
});

test('names, texts and addresses that a refusal gives back are text', async (t) => {
  const { page, check } = await wary(t);
  await withoutPolicy(page, '**/comments');
  const some = payloads.filter((_, number) => number % Math.ceil(payloads.length / 60) === 0);
  for (const payload of some) {
    await page.goto(`${server.url}/demo`);
    await page.setContent('<form method="post"><input name="page"><textarea name="body"></textarea><input name="name"><input name="url"><input name="email"></form>');
    await page.evaluate(
      ([action, page, payload]) => {
        const form = document.forms[0];
        form.action = action;
        Object.assign(form.elements.page, { value: page });
        for (const name of ['body', 'name', 'url', 'email']) form.elements[name].value = payload;
      },
      [`${server.url}/comments`, host.url + PAGE, payload],
    );
    await Promise.all([page.waitForURL('**/comments'), page.evaluate(() => document.forms[0].submit())]);
    assert.deepEqual(await page.locator('main').evaluate(odd, KNOWN), []);
  }
  await check();
});
