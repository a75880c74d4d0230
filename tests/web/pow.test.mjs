import assert from 'node:assert/strict';
import test from 'node:test';

import { fromHex, password, payload, solve, toHex } from '../../web/static/pow.js';

// Minted and solved by the reference library, altcha-lib 2.8.0.
const challenge = {
  parameters: {
    algorithm: 'PBKDF2/SHA-256',
    cost: 100,
    data: { site: 'default' },
    expiresAt: 1795457065,
    keyLength: 32,
    keyPrefix: '15a8728775041861c6e8a80af592365c',
    keySignature: '6df658b3486a1736719d46d7c22bac37f467df933a25669c2d5a8b4674d2382d',
    nonce: '0f691804e2ce18408da43f2b779bd168',
    salt: 'f82a9bcae33aa8c9f6445033fe65ae9e',
  },
  signature: '64f6b3a060ab14f9191cda6442f9fcf22fe0d3bb9abf06ac5ea8dbdabddd69f9',
};
const derivedKey = '15a8728775041861c6e8a80af592365c5329961dd8bfd4de7937e69e5ff6ae87';

test('the password is the nonce and the counter as four bytes, the highest first', () => {
  assert.deepEqual([...password(fromHex('00ff10'), 0x01020304)], [0, 255, 16, 1, 2, 3, 4]);
  assert.equal(toHex(password(fromHex('ab'), 23).buffer), 'ab00000017');
  assert.equal(toHex(password(new Uint8Array(), 0xffffffff).buffer), 'ffffffff');
});

test('the solver finds what the reference library found', async () => {
  const solution = await solve(challenge.parameters);
  assert.equal(solution.counter, 23);
  assert.equal(solution.derivedKey, derivedKey);
  assert.ok(Number.isInteger(solution.time));
});

test('shares of several workers meet every counter once', async () => {
  assert.equal((await solve(challenge.parameters, { start: 3, step: 4 })).counter, 23);
  const tried = [0, 1, 2, 3].flatMap((start) => Array.from({ length: 6 }, (_, i) => start + 4 * i));
  assert.deepEqual(tried.sort((a, b) => a - b), Array.from({ length: 24 }, (_, i) => i));
});

test('an aborted solve ends', async () => {
  const endless = { ...challenge.parameters, keyPrefix: 'zz' };
  const abort = new AbortController();
  const ended = assert.rejects(solve(endless, { signal: abort.signal }), { name: 'AbortError' });
  abort.abort();
  await ended;
});

test('an unknown algorithm is refused, not guessed', async () => {
  for (const algorithm of ['ARGON2ID', 'PBKDF2/MD5', 'SHA-256']) {
    await assert.rejects(solve({ ...challenge.parameters, algorithm }), /no way to solve/);
  }
});

test('the payload is base64 JSON in the v2 wire format, the parameters untouched', () => {
  const solution = { counter: 23, derivedKey, time: 40, more: 'not part of the format' };
  const read = JSON.parse(Buffer.from(payload({ ...challenge, codeChallenge: {} }, solution), 'base64').toString());
  assert.deepEqual(read, { challenge, solution: { counter: 23, derivedKey, time: 40 } });
  assert.deepEqual(Object.keys(read.challenge.parameters), Object.keys(challenge.parameters));
});

test('a name beyond Latin-1 in the parameters survives the encoding', () => {
  const parameters = { ...challenge.parameters, data: { title: 'Żółw 🐢' } };
  const text = payload({ parameters, signature: 's' }, { counter: 1, derivedKey: '', time: 0 });
  assert.equal(JSON.parse(Buffer.from(text, 'base64').toString('utf8')).challenge.parameters.data.title, 'Żółw 🐢');
});
