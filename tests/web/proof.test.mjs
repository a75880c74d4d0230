import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { gzipSync } from 'node:zlib';

import { lifetime, prove, search, shareCount } from '../../web/static/proof.js';

const parameters = {
  algorithm: 'PBKDF2/SHA-256', cost: 1, keyLength: 32, keyPrefix: '', nonce: '00', salt: '00', expiresAt: 0,
};
const endless = { ...parameters, keyPrefix: 'zz' };
const calm = () => new AbortController().signal;

/** A worker whose answers the test makes. */
function fakeWorkers(react) {
  const made = [];
  const make = () => {
    const worker = new EventTarget();
    const say = (data) => worker.dispatchEvent(Object.assign(new Event('message'), { data }));
    worker.postMessage = (order) => react({ worker, order, say });
    worker.terminate = () => (worker.isEnded = true);
    made.push(worker);
    return worker;
  };
  return { made, make };
}

test('a challenge lives by the server clock, whatever the reader thinks the time is', () => {
  const minted = 1_795_456_085_250;
  assert.equal(lifetime({ expiresAt: 1_795_457_285, data: { iat: minted } }, 0), 1_199_750);
  assert.equal(lifetime({ expiresAt: 1200 }, 200_000), 1_000_000);
});

test('shares: one a core, at most four', () => {
  assert.deepEqual([undefined, 0, 1, 2, 5, 64].map(shareCount), [2, 1, 1, 2, 4, 4]);
});

test('the first worker that finds it wins, and all are ended', async () => {
  const { made, make } = fakeWorkers(({ order, say }) => queueMicrotask(() => say({ solution: { counter: order.start } })));
  const { solution, way } = await search(parameters, calm(), make);
  assert.deepEqual([solution.counter, way], [0, 'workers']);
  assert.ok(made.length >= 1 && made.every(({ isEnded }) => isEnded));
});

test('the page solves where a worker is forbidden, fails to load, or gives up', async () => {
  const failing = {
    forbidden: () => {
      throw new Error('forbidden');
    },
    unloaded: fakeWorkers(({ worker }) => queueMicrotask(() => worker.dispatchEvent(new Event('error')))).make,
    failed: fakeWorkers(({ say }) => queueMicrotask(() => say({ failure: 'no memory' }))).make,
    none: null,
  };
  for (const [why, make] of Object.entries(failing)) {
    const { solution, way } = await search(parameters, calm(), make);
    // Whichever share is first: any counter fits the empty prefix.
    assert.deepEqual([typeof solution.counter, way], ['number', 'page'], why);
  }
});

test('the page solves where the workers never say a word, and waits for those that do', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { made, make } = fakeWorkers(() => {});
  const silent = search(parameters, calm(), make);
  t.mock.timers.tick(6000);
  assert.equal((await silent).way, 'page');
  assert.ok(made.every(({ isEnded }) => isEnded));

  let finish;
  const slow = fakeWorkers(({ say }) => {
    say({ isReady: true });
    finish = () => say({ solution: { counter: 7 } });
  });
  const waited = search(parameters, calm(), slow.make);
  t.mock.timers.tick(60_000);
  finish();
  assert.deepEqual(await waited, { solution: { counter: 7 }, way: 'workers' });
});

test('a search ends when it is called off, in workers and in the page', async () => {
  for (const { made, make } of [fakeWorkers(() => {}), { made: [], make: null }]) {
    const off = new AbortController();
    const ended = assert.rejects(search(endless, off.signal, make), { message: 'called off' });
    off.abort(new Error('called off'));
    await ended;
    assert.ok(made.every(({ isEnded }) => isEnded));
    await assert.rejects(search(endless, off.signal, make), { message: 'called off' });
  }
});

test('a page that solves lets other tasks come in between', async () => {
  const off = new AbortController();
  const ended = assert.rejects(search({ ...endless, cost: 1000 }, off.signal, null));
  for (let turns = 0; turns < 50; turns += 1) await new Promise((next) => setTimeout(next));
  off.abort();
  await ended;
});

test('the search goes on to any counter, as a harder challenge needs', async () => {
  const far = Buffer.from('0000007fff', 'hex');
  const keyPrefix = pbkdf2Sync(far, Buffer.from('00', 'hex'), 1, 32, 'sha256').toString('hex').slice(0, 32);
  const { solution } = await search({ ...parameters, keyPrefix }, calm(), null);
  assert.equal(solution.counter, 0x7fff);
});

test('a challenge that runs out while it is being solved ends the search', async (t) => {
  const real = globalThis.fetch;
  t.after(() => (globalThis.fetch = real));
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const iat = 1_800_000_000_000;
  globalThis.fetch = async () => Response.json({ parameters: { ...endless, expiresAt: iat / 1000 + 60, data: { iat } }, signature: 'aa' });
  const ended = assert.rejects(prove({ challengeUrl: 'https://comments.example/c' }), /ran out/);
  await new Promise(setImmediate);
  t.mock.timers.tick(60_001);
  await ended;
});

test('no challenge, no proof', async (t) => {
  const real = globalThis.fetch;
  t.after(() => (globalThis.fetch = real));
  globalThis.fetch = async () => new Response('', { status: 429 });
  await assert.rejects(prove({ challengeUrl: 'https://comments.example/c' }), /429/);
  await assert.rejects(prove({ challengeUrl: 'https://comments.example/c', signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('the worker and what fetches, solves and renews stay small', (t) => {
  const zipped = (name) => gzipSync(readFileSync(new URL(`../../web/static/${name}`, import.meta.url)), { level: 9 }).length;
  const size = (...names) => names.reduce((sum, name) => sum + zipped(name), 0);
  const worker = size('pow-worker.js', 'pow.js');
  const glue = size('proof.js', 'challenge.js');
  t.diagnostic(`gzip: worker ${worker} bytes, glue ${glue} bytes`);
  assert.ok(worker <= 1800, `the worker is ${worker} bytes`);
  assert.ok(glue <= 4300, `the glue is ${glue} bytes`);
});
