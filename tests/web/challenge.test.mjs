import assert from 'node:assert/strict';
import test from 'node:test';

import { Check, lifetime, solveSomewhere, workerCount } from '../../web/static/challenge.js';

const parameters = {
  algorithm: 'PBKDF2/SHA-256', cost: 1, keyLength: 32, keyPrefix: '', nonce: '00', salt: '00', expiresAt: 0,
};

/** Answers `fetch` from a list of handlers by path; counts the calls. */
function stubFetch(t, routes) {
  const calls = [];
  const real = globalThis.fetch;
  t.after(() => (globalThis.fetch = real));
  globalThis.fetch = async (address) => {
    const path = String(address).split('?')[0];
    calls.push(path);
    return routes[path]();
  };
  return calls;
}

const builtin = () => Response.json({ provider: 'builtin', site_key: '', action: 'comment', challenge_url: '/c' });
const challenge = () =>
  Response.json({ parameters: { ...parameters, expiresAt: Date.now() / 1000 + 1200 }, signature: 'aa' });

test('a challenge lives by the server clock, whatever the reader thinks the time is', () => {
  const date = 'Mon, 23 Nov 2026 17:48:00 GMT';
  const expiresAt = Date.parse(date) / 1000 + 1200;
  assert.equal(lifetime(expiresAt, date, 0), 1_200_000);
  assert.equal(lifetime(1200, null, 200_000), 1_000_000);
});

test('workers: one a core, at most four', () => {
  assert.deepEqual([undefined, 0, 1, 2, 5, 64].map(workerCount), [2, 1, 1, 2, 4, 4]);
});

test('where a worker cannot start, the page solves', async () => {
  const solution = await solveSomewhere(parameters, new AbortController().signal, () => {
    throw new Error('forbidden');
  });
  assert.equal(solution.counter, 0);
});

test('the first worker that finds it wins, and all are ended', async () => {
  const ended = [];
  const make = () => {
    const worker = new EventTarget();
    worker.postMessage = ({ start }) =>
      queueMicrotask(() => worker.dispatchEvent(Object.assign(new Event('message'), { data: { solution: { counter: start } } })));
    worker.terminate = () => ended.push(worker);
    return worker;
  };
  assert.equal((await solveSomewhere(parameters, new AbortController().signal, make)).counter, 0);
  assert.ok(ended.length >= 1);
});

test('one token is made however often it is asked for, and another after it was used', async (t) => {
  const calls = stubFetch(t, { '/api/captcha': builtin, '/c': challenge });
  const check = new Check('/api', '/demo', () => false);
  t.after(() => check.drop());
  await check.prepare();
  const [first, second] = await Promise.all([check.token(), check.token()]);
  assert.ok(first && first === second);
  check.drop();
  assert.ok(await check.token());
  assert.deepEqual(calls, ['/api/captcha', '/c', '/c']);
});

test('a stale challenge is renewed at the next sign of life', async (t) => {
  let left = 0;
  const brief = () => Response.json({ parameters: { ...parameters, expiresAt: Date.now() / 1000 + left }, signature: 'aa' });
  const calls = stubFetch(t, { '/api/captcha': builtin, '/c': brief });
  const check = new Check('/api', '/demo', () => false);
  t.after(() => check.drop());
  await check.token();
  left = 1200;
  await check.prepare();
  await check.token();
  await check.prepare();
  assert.deepEqual(calls, ['/api/captcha', '/c', '/c']);
});

test('after a failure typing does not ask again at once, sending does', async (t) => {
  let isDown = true;
  const calls = stubFetch(t, {
    '/api/captcha': builtin,
    '/c': () => (isDown ? new Response('', { status: 503 }) : challenge()),
  });
  const check = new Check('/api', '/demo', () => false);
  t.after(() => check.drop());
  assert.equal(await check.token(), null);
  await check.prepare();
  assert.equal(calls.length, 2);
  isDown = false;
  assert.ok(await check.token());
});

test('no provider and no network: no token, and no error', async (t) => {
  stubFetch(t, { '/api/captcha': () => Response.json({ provider: 'none' }) });
  assert.equal(await new Check('/api', '/demo', () => false).token(), null);
  globalThis.fetch = async () => {
    throw new TypeError('offline');
  };
  assert.equal(await new Check('/api', '/demo', () => false).token(), null);
});

test('another provider is asked through the page hook, at sending only', async (t) => {
  stubFetch(t, { '/api/captcha': () => Response.json({ provider: 'recaptcha-v3', site_key: 'k', action: 'comment' }) });
  const asked = [];
  globalThis.window = { replydeskToken: async (about) => `token ${asked.push(about)}` };
  t.after(() => delete globalThis.window);
  const check = new Check('/api', '/demo', () => false);
  await check.prepare();
  assert.deepEqual(asked, []);
  assert.equal(await check.token(), 'token 1');
  assert.equal(asked[0].site_key, 'k');
  globalThis.window.replydeskToken = async () => {
    throw new Error('blocked');
  };
  assert.equal(await check.token(), null);
});
