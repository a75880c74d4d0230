import assert from 'node:assert/strict';
import test from 'node:test';

import { Check } from '../../web/static/challenge.js';

const parameters = {
  algorithm: 'PBKDF2/SHA-256', cost: 1, keyLength: 32, keyPrefix: '', nonce: '00', salt: '00', expiresAt: 0,
};

/** Answers `fetch` from a list of handlers by path; counts the calls. */
function stubFetch(t, routes) {
  const calls = [];
  const real = globalThis.fetch;
  t.after(() => (globalThis.fetch = real));
  globalThis.fetch = async (address) => {
    const path = new URL(address).pathname;
    calls.push(path);
    return routes[path]();
  };
  return calls;
}

const builtin = () => Response.json({ provider: 'builtin', site_key: '', action: 'comment', challenge_url: '/api/captcha/challenge?page=x' });
const challenge = () =>
  Response.json({ parameters: { ...parameters, expiresAt: Date.now() / 1000 + 1200 }, signature: 'aa' });

const make = (isWanted = () => false, onUnable = undefined) =>
  new Check({ api: 'https://comments.example/below/api', page: '/demo', isWanted, onUnable });

test('one token is made however often it is asked for, and another after it was used', async (t) => {
  const calls = stubFetch(t, { '/below/api/captcha': builtin, '/below/api/captcha/challenge': challenge });
  const check = make();
  t.after(() => check.drop());
  await check.prepare();
  const [first, second] = await Promise.all([check.token(), check.token()]);
  assert.ok(first && first === second);
  check.drop();
  assert.ok(await check.token());
  assert.deepEqual(calls, ['/below/api/captcha', '/below/api/captcha/challenge', '/below/api/captcha', '/below/api/captcha/challenge']);
});

test('after it was used, who is to be asked is asked anew', async (t) => {
  const providers = ['builtin', 'none'];
  stubFetch(t, {
    '/below/api/captcha': () => Response.json({ provider: providers.shift(), challenge_url: '/api/captcha/challenge?page=x' }),
    '/below/api/captcha/challenge': challenge,
  });
  const check = make();
  assert.ok(await check.token());
  check.drop();
  assert.equal(await check.token(), null);
});

/** Both clocks under the test's hand, and a check that counts its challenges. */
async function solved(t, isWanted) {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 1_800_000_000_000 });
  const calls = stubFetch(t, { '/below/api/captcha': builtin, '/below/api/captcha/challenge': challenge });
  const check = make(isWanted);
  t.after(() => check.drop());
  await check.token();
  return { check, challenges: () => calls.filter((path) => path === '/below/api/captcha/challenge').length };
}

test('a stale token is renewed at the next sign of life, a fresh one is kept', async (t) => {
  const { check, challenges } = await solved(t, () => false);
  t.mock.timers.tick(18 * 60_000);
  await check.prepare();
  assert.equal(challenges(), 1);
  t.mock.timers.tick(61_000);
  await check.prepare();
  assert.equal(challenges(), 2);
});

test('a token that somebody may want is renewed by itself, a minute before it runs out', async (t) => {
  const { check, challenges } = await solved(t, () => true);
  t.mock.timers.tick(19 * 60_000 + 100);
  await check.token();
  assert.equal(challenges(), 2);
});

test('a page that nobody looks at renews when it is seen again, and only where there is something to send', async (t) => {
  let isWanted = false;
  const { check, challenges } = await solved(t, () => isWanted);
  t.mock.timers.tick(60 * 60_000);
  check.wake();
  await new Promise(setImmediate);
  assert.equal(challenges(), 1);
  isWanted = true;
  check.wake();
  await check.token();
  assert.equal(challenges(), 2);
});

test('where WebCrypto is missing, the page is told once, and there is no token', async (t) => {
  const calls = stubFetch(t, { '/below/api/captcha': builtin });
  const real = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  t.after(() => Object.defineProperty(globalThis, 'crypto', real));
  Object.defineProperty(globalThis, 'crypto', { configurable: true, value: {} });
  let told = 0;
  const check = make(() => true, () => (told += 1));
  await check.prepare();
  await check.prepare();
  assert.equal(await check.token(), null);
  assert.deepEqual([told, calls], [1, ['/below/api/captcha']]);
});

test('after a failure typing does not ask again at once, sending does', async (t) => {
  let isDown = true;
  const calls = stubFetch(t, {
    '/below/api/captcha': builtin,
    '/below/api/captcha/challenge': () => (isDown ? new Response('', { status: 503 }) : challenge()),
  });
  const check = make();
  t.after(() => check.drop());
  assert.equal(await check.token(), null);
  await check.prepare();
  assert.equal(calls.length, 2);
  isDown = false;
  assert.ok(await check.token());
});

test('no provider and no network: no token, and no error', async (t) => {
  stubFetch(t, { '/below/api/captcha': () => Response.json({ provider: 'none' }) });
  assert.equal(await make().token(), null);
  globalThis.fetch = async () => {
    throw new TypeError('offline');
  };
  assert.equal(await make().token(), null);
});

test('another provider is asked through the page hook, at sending only', async (t) => {
  stubFetch(t, { '/below/api/captcha': () => Response.json({ provider: 'recaptcha-v3', site_key: 'k', action: 'comment' }) });
  const asked = [];
  globalThis.window = { replydeskToken: async (about) => `token ${asked.push(about)}` };
  t.after(() => delete globalThis.window);
  const check = make();
  await check.prepare();
  assert.deepEqual(asked, []);
  assert.equal(await check.token(), 'token 1');
  assert.equal(asked[0].site_key, 'k');
  globalThis.window.replydeskToken = async () => {
    throw new Error('blocked');
  };
  assert.equal(await check.token(), null);
});
