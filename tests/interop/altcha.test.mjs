// The official JavaScript client, altcha-lib, against a running server: what it solves is taken once, and
// what somebody changed afterwards is not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';

const SERVER = process.env.REPLYDESK_URL;
const NEWS = 'http://news.example';
const PAGE = `${NEWS}/2026/interop`;

async function challengeFor(page) {
  const about = await (await fetch(`${SERVER}/api/captcha?page=${encodeURIComponent(page)}`)).json();
  assert.equal(about.provider, 'builtin');
  return (await fetch(SERVER + about.challenge_url)).json();
}

/** What the form's field would carry. */
async function solved(page = PAGE) {
  const challenge = await challengeFor(page);
  const solution = await solveChallenge({ challenge, deriveKey });
  assert.ok(solution, 'the client found no solution');
  return { challenge: { parameters: challenge.parameters, signature: challenge.signature }, solution };
}

const encoded = (payload) => Buffer.from(JSON.stringify(payload)).toString('base64');

let count = 0;

/** Sends a comment with this token: 202, or the reason of its refusal. */
async function send(captcha) {
  count += 1;
  const body = { page: PAGE, name: 'Ada', email: 'ada@readers.example', body: `By a client, ${count} ${Date.now()}.`, captcha };
  const headers = { 'Content-Type': 'application/json', Origin: NEWS };
  const answer = await fetch(`${SERVER}/api/comments`, { method: 'POST', headers, body: JSON.stringify(body) });
  const told = await answer.json();
  if (answer.status === 403) assert.equal(told.code, 'captcha_failed');
  return answer.status === 403 ? told.reason : answer.status;
}

/** A copy with a change. */
function with_(payload, change) {
  const copy = structuredClone(payload);
  change(copy);
  return encoded(copy);
}

test('what was changed after solving is refused, what was solved is taken, and taken once', async () => {
  const payload = await solved();
  const upper = (text) => text.toUpperCase();
  const forged = {
    'another prefix': with_(payload, (p) => { p.challenge.parameters.keyPrefix = '00'.repeat(16); }),
    'a shorter prefix': with_(payload, (p) => { p.challenge.parameters.keyPrefix = '00'; }),
    'no signature': with_(payload, (p) => { delete p.challenge.signature; }),
    'another signature': with_(payload, (p) => { p.challenge.signature = '00'.repeat(32); }),
    'no expiry': with_(payload, (p) => { delete p.challenge.parameters.expiresAt; }),
    'a later expiry': with_(payload, (p) => { p.challenge.parameters.expiresAt += 3600; }),
    'less work': with_(payload, (p) => { p.challenge.parameters.cost = 1; }),
    'another algorithm': with_(payload, (p) => { p.challenge.parameters.algorithm = 'SHA-256'; }),
    'no key signature': with_(payload, (p) => { delete p.challenge.parameters.keySignature; }),
    'another key': with_(payload, (p) => { p.solution.derivedKey = p.challenge.parameters.keyPrefix.padEnd(64, '0'); }),
    'the key in upper case': with_(payload, (p) => { p.solution.derivedKey = upper(p.solution.derivedKey); }),
    'a negative counter': with_(payload, (p) => { p.solution.counter = -1; }),
    'a huge counter': with_(payload, (p) => { p.solution.counter = 2 ** 40; }),
  };
  for (const [what, token] of Object.entries(forged)) assert.equal(await send(token), 'invalid', what);
  assert.equal(await send(encoded(payload)), 202);
  assert.equal(await send(encoded(payload)), 'expired');
  assert.equal(await send(with_(payload, (p) => { p.solution.time = 1; })), 'expired');
});

test('a counter that lies is the same token', async () => {
  const payload = await solved();
  assert.equal(await send(with_(payload, (p) => { p.solution.counter += 1; })), 202);
  assert.equal(await send(encoded(payload)), 'expired');
});

test('of twenty at once one is taken', async () => {
  const token = encoded(await solved());
  const told = await Promise.all(Array.from({ length: 20 }, () => send(token)));
  assert.deepEqual(told.filter((one) => one === 202), [202]);
  assert.equal(told.filter((one) => one === 'expired').length, 19);
});

test('work for another page or site is refused', async () => {
  for (const page of [`${NEWS}/2026/elsewhere`, 'http://blog.example/2026/interop']) {
    assert.equal(await send(encoded(await solved(page))), 'invalid', page);
  }
});

test('what is no token of version 2 is refused and breaks nothing', async () => {
  const old = { algorithm: 'SHA-256', challenge: '00'.repeat(32), number: 7, salt: 'x?expires=9999999999', signature: '00'.repeat(32) };
  const bomb = '{"challenge":'.repeat(500);
  const tokens = [encoded(old), 'A'.repeat(5 * 1024), '%%%', 'e30=', Buffer.from(bomb).toString('base64'), Buffer.from('[[[['.repeat(700)).toString('base64')];
  for (const token of tokens) assert.equal(await send(token), 'invalid', token.slice(0, 20));
  assert.equal((await fetch(`${SERVER}/livez`)).status, 200);
});
