// The built-in check in every place a form may stand: our own page, a page of another origin under a strict
// policy, a page without https, a browser tab that was left and found again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { fill, openTab, reader, siteAt, startBrowser, startHost, startServer } from './harness.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const send = (page) => page.getByRole('button', { name: 'POST COMMENT' }).click();
const isChallenge = (request) => request.url().includes('/api/captcha/challenge');
const isComment = (request) => request.method() === 'POST' && request.url().includes('/api/comments?');
/** One's own comment stands in the thread. */
const waits = (page) => page.getByText('Only you can see it.').waitFor();

async function open(t, address, options, at = browser) {
  const tab = await openTab(at, options);
  t.after(() => tab.page.context().close());
  const challenges = [];
  watch(tab.page);
  tab.page.on('request', (request) => isChallenge(request) && challenges.push(request));
  await tab.page.goto(address);
  return { ...tab, challenges };
}

/** Pages on which a worker has begun: one that is lucky has ended before somebody looks. */
const atWork = new WeakSet();
const watch = (page) => page.on('worker', () => atWork.add(page));

/** Waits until the challenge in hand is solved: its workers end. */
async function untilSolved(page) {
  await page.locator('#rd-body').focus();
  if (!atWork.has(page)) await page.waitForEvent('worker');
  while (page.workers().length > 0) await Promise.all(page.workers().map((worker) => new Promise((ended) => worker.once('close', ended))));
}

/** Changes the policy that a page comes with. */
const withPolicy = (page, address, change) =>
  page.route(address, async (route) => {
    const answer = await route.fetch();
    const headers = answer.headers();
    await route.fulfill({ response: answer, headers: { ...headers, 'content-security-policy': change(headers['content-security-policy']) } });
  });

test('the work begins with the first focus, says nothing while it runs, and is done when the comment is', async (t) => {
  const { page, complaints, challenges } = await open(t, `${server.url}/demo`);
  assert.equal(challenges.length, 0, 'a reader who only reads computes nothing');
  const begun = page.waitForRequest(isChallenge);
  await page.locator('#rd-name').focus();
  await begun;
  await untilSolved(page);
  await fill(page, { ...reader, body: 'Solved before it was written.' });
  assert.equal(await page.locator('#rd-status').innerText(), '');
  await send(page);
  await waits(page);
  assert.equal(challenges.length, 1);
  assert.equal((await server.waiting('Solved before it was written.')).captcha.outcome, 'pass');
  assert.deepEqual(complaints, []);
});

test('a token that is refused as used is renewed and sent again once, and no word is lost', async (t) => {
  const { page, challenges } = await open(t, `${server.url}/demo`);
  const posts = [];
  await page.route(`${server.url}/api/comments?lang=*`, async (route) => {
    const post = route.request().postDataJSON();
    posts.push({ ...post, key: route.request().headers()['idempotency-key'] });
    // Somebody is faster with the first token.
    if (posts.length === 1) await spend(post);
    await route.continue();
  });
  // The second challenge is held until somebody has read why there is one.
  let release;
  const read = new Promise((resolve) => (release = resolve));
  await page.route('**/api/captcha/challenge?*', async (route) => {
    if (posts.length > 0) await read;
    await route.continue();
  });
  await fill(page, { ...reader, body: 'Twice sent, once kept.' });
  await send(page);
  await page.locator('#rd-status', { hasText: 'renewed' }).waitFor();
  assert.equal(await page.locator('#rd-body').inputValue(), 'Twice sent, once kept.');
  release();
  await waits(page);
  assert.equal((await server.waiting('Twice sent, once kept.')).captcha.outcome, 'pass');
  assert.equal(challenges.length, 2);
  assert.equal(posts.length, 2);
  assert.notEqual(posts[0].captcha, posts[1].captcha);
  assert.equal(posts[0].key, posts[1].key);
});

async function spend({ captcha, page }) {
  const comment = { page, captcha, name: 'Eve', email: 'eve@example.org', body: 'With the token of another.' };
  const answer = await fetch(`${server.url}/api/comments`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(comment) });
  assert.equal(answer.status, 202);
}

/** A page whose clock the test turns, with a comment begun and its token ready. */
async function withClock(t) {
  const tab = await openTab(browser);
  t.after(() => tab.page.context().close());
  const challenges = [];
  watch(tab.page);
  tab.page.on('request', (request) => isChallenge(request) && challenges.push(request));
  await tab.page.clock.install();
  await tab.page.goto(`${server.url}/demo`);
  await untilSolved(tab.page);
  return { ...tab, challenges };
}

test('a token is renewed unseen while somebody writes for long', async (t) => {
  const { page, challenges } = await withClock(t);
  await fill(page, { ...reader, body: 'It took me twenty minutes to find the words.' });
  const renewed = page.waitForRequest(isChallenge);
  await page.clock.fastForward('19:05');
  await renewed;
  assert.equal(await page.locator('#rd-status').innerText(), '');
  await send(page);
  await waits(page);
  assert.equal(challenges.length, 2);
  assert.equal((await server.waiting('It took me twenty minutes to find the words.')).captcha.outcome, 'pass');
});

test('a tab in the background leaves its token to run out and renews it when it is seen again', async (t) => {
  const { page, challenges } = await withClock(t);
  await fill(page, { body: 'Half a comment.' });
  const show = (isHidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
  await show(true);
  await page.clock.fastForward('03:00:00');
  assert.equal(challenges.length, 1);
  const renewed = page.waitForRequest(isChallenge);
  await show(false);
  await renewed;
});

test('a page that was frozen in the middle of the work goes on with it', async (t) => {
  const { page } = await open(t, `${server.url}/demo`);
  const session = await page.context().newCDPSession(page);
  const begun = page.waitForEvent('worker');
  await fill(page, { ...reader, body: 'Frozen and thawed.' });
  await begun;
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await send(page);
  await waits(page);
  assert.equal((await server.waiting('Frozen and thawed.')).captcha.outcome, 'pass');
});

for (const [what, change] of Object.entries({
  'a policy without workers': (policy) => policy.replace("worker-src 'self'", "worker-src 'none'"),
  'trusted types, which forbid starting one': (policy) => `${policy}; require-trusted-types-for 'script'`,
})) {
  test(`${what}: the page itself does the work`, async (t) => {
    const { page, complaints } = await openTab(browser);
    t.after(() => page.context().close());
    await withPolicy(page, `${server.url}/demo`, change);
    await page.goto(`${server.url}/demo`);
    const body = `Solved in the page: ${what}.`;
    await fill(page, { ...reader, body });
    await send(page);
    await waits(page);
    assert.equal((await server.waiting(body)).captcha.outcome, 'pass');
    assert.ok(complaints.length > 0 && complaints.every((words) => /worker|trusted/i.test(words)), complaints.join('\n'));
  });
}

test('a page without https says that an editor reads the comment first, and sends it', async (t) => {
  const plain = await startBrowser({ more: ['--host-resolver-rules=MAP news.test 127.0.0.1'] });
  t.after(() => plain.close());
  const { page, complaints, challenges } = await open(t, `${server.url.replace('127.0.0.1', 'news.test')}/demo`, {}, plain);
  assert.equal(await page.evaluate(() => isSecureContext), false);
  const line = page.getByRole('status').filter({ hasText: 'an editor will read your comment first' });
  await page.locator('#rd-body').focus();
  await line.waitFor();
  await send(page);
  await page.getByText('Please enter your comment!').waitFor();
  assert.ok(await line.isVisible(), 'it still says so');
  await fill(page, { ...reader, body: 'Sent over plain http.' });
  await send(page);
  await waits(page);
  assert.equal((await server.waiting('Sent over plain http.')).captcha.outcome, 'missing');
  assert.equal(challenges.length, 0);
  assert.deepEqual(complaints.filter((words) => !/403|422/.test(words)), []);
});

test('a step back to a page that was kept whole finds text and check as they were', async (t) => {
  const keeping = await startBrowser({ without: ['--disable-back-forward-cache'] });
  t.after(() => keeping.close());
  const { page } = await openTab(keeping);
  watch(page);
  t.after(() => page.context().close());
  // Pages marked `no-store` are not kept.
  await page.route(`${server.url}/demo`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, headers: { ...answer.headers(), 'cache-control': 'no-cache' } });
  });
  await page.goto(`${server.url}/demo`);
  await untilSolved(page);
  await fill(page, { ...reader, body: 'Away and back.' });
  await page.evaluate(() => (globalThis.isKept = true));
  await page.goto(`${server.url}/docs`);
  await page.goBack({ waitUntil: 'commit' });
  assert.equal(await page.evaluate(() => globalThis.isKept), true, 'it is the same page still');
  await send(page);
  await waits(page);
  assert.equal((await server.waiting('Away and back.')).captcha.outcome, 'pass');
});

test('by keyboard alone every stop of the form shows the focus, and Space sends', async (t) => {
  const { page } = await open(t, `${server.url}/demo`);
  const { keyboard } = page;
  const stop = () =>
    page.evaluate(() => {
      const at = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      return { name: at.id || at.name || at.textContent.trim(), isSeen: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 };
    });
  for (let steps = 0; (await stop()).name !== 'rd-body'; steps += 1) {
    assert.ok(steps < 60, 'the form is reached with the Tab key');
    await keyboard.press('Tab');
  }
  const sent = page.waitForRequest(isComment);
  const stops = [await stop()];
  for (const text of ['Space sends it.', 'Ines', 'ines.space@example.org', '', '']) {
    await keyboard.type(text);
    await keyboard.press('Tab');
    stops.push(await stop());
  }
  assert.deepEqual(stops, ['rd-body', 'rd-name', 'rd-email', 'rd-url', 'remember', 'POST COMMENT'].map((name) => ({ name, isSeen: true })));
  await keyboard.press('Space');
  await waits(page);
  const { signals } = (await sent).postDataJSON();
  assert.deepEqual([signals.moves_bucket, signals.pastes], [0, 0]);
  assert.ok(signals.keys > 30 && signals.t_first > 0 && signals.t_total > 0, JSON.stringify(signals));
  assert.ok((await server.waiting('Space sends it.')).captcha.score > 0.6);
});

test('of how the form was used six whole numbers go out, and nothing else', async (t) => {
  const { page } = await open(t, `${server.url}/demo`);
  const sent = page.waitForRequest(isComment);
  await page.mouse.move(10, 10);
  await page.locator('#rd-body').click();
  await page.keyboard.type('Counted, not watched.', { delay: 5 });
  await fill(page, reader);
  await send(page);
  const { signals, ...rest } = (await sent).postDataJSON();
  assert.deepEqual(Object.keys(signals), ['t_first', 't_total', 'keys', 'key_jitter_bucket', 'moves_bucket', 'pastes']);
  assert.ok(Object.values(signals).every(Number.isInteger), JSON.stringify(signals));
  assert.ok(signals.t_total < 600_000, 'a span, not a time of day');
  assert.equal(signals.keys, 21);
  assert.ok(signals.moves_bucket >= 1 && signals.moves_bucket <= 7);
  assert.deepEqual(Object.keys(rest).sort(), ['author_token', 'body', 'captcha', 'contact_ref', 'email', 'name', 'page', 'parent', 'title', 'url']);
});

test('a form filled in by the browser or by voice counts as used', async (t) => {
  const { page } = await open(t, `${server.url}/demo`);
  const sent = page.waitForRequest(isComment);
  // Neither keys nor pointer: values appear, and the form is sent as voice control does it.
  await page.locator('.form[part=form]').evaluate((form, values) => {
    for (const [name, text] of Object.entries(values)) {
      const field = form.elements.namedItem(name);
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
    form.querySelector('.send button').click();
  }, { ...reader, body: 'Said, not typed.' });
  const { signals } = (await sent).postDataJSON();
  assert.deepEqual([signals.keys, signals.moves_bucket, signals.pastes], [0, 0, 0]);
  assert.ok(signals.t_first > 0, JSON.stringify(signals));
  await waits(page);
  assert.ok((await server.waiting('Said, not typed.')).captcha.score > 0.6);
});

test('on a page of another origin, whose policy allows only our scripts and answers, the check is done in the page', async (t) => {
  let news;
  const host = await startHost((path) => ({
    '/article': {
      type: 'text/html',
      headers: { 'Content-Security-Policy': `default-src 'none'; script-src ${news?.url} 'self'; connect-src ${news?.url}; frame-src 'none'; worker-src 'none'; require-trusted-types-for 'script'` },
      body: '<!doctype html><title>News</title><script type="module" src="/glue.js"></script>',
    },
    '/glue.js': {
      type: 'text/javascript',
      body: `import { Check } from '${news?.url}/assets/challenge.js';
        import { prove } from '${news?.url}/assets/proof.js';
        const api = '${news?.url}/api';
        globalThis.ours = { check: new Check({ api, page: location.href, isWanted: () => false }), api, prove };`,
    },
  })[path]);
  t.after(() => host.stop());
  news = await startServer(siteAt(host.url));
  t.after(() => news.stop());
  const { page, complaints } = await open(t, `${host.url}/article`);
  await page.waitForFunction(() => globalThis.ours);

  const { status, way, life } = await page.evaluate(async () => {
    const { check, api, prove } = globalThis.ours;
    const captcha = await check.token();
    const comment = { page: location.href, name: 'Ada', email: 'ada@example.org', body: 'From the other side.', captcha };
    const answer = await fetch(`${api}/comments`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(comment) });
    const proof = await prove({ challengeUrl: `${api}/captcha/challenge?page=${encodeURIComponent(location.href)}` });
    return { status: answer.status, way: proof.way, life: proof.goodUntil - Date.now() };
  });
  assert.equal(status, 202);
  assert.equal(way, 'page');
  assert.ok(life > 15 * 60_000 && life <= 20 * 60_000, String(life));
  assert.equal((await news.waiting('From the other side.')).captcha.outcome, 'pass');
  assert.deepEqual(complaints, [], 'no policy was offended');
});
