import assert from 'node:assert/strict';
import test from 'node:test';

import { followable, keyFor, plan, randomKey, seconds, waitSentence } from '../../web/static/answers.js';

const answer = (status, body, retryAfter = null) => ({ status, body, retryAfter });

test('202 waits, 201 is published', () => {
  const body = { id: 'i', message: 'Thanks', author_token: 'a' };
  assert.deepEqual(plan(answer(202, body), true), { kind: 'done', published: false, id: 'i', message: 'Thanks', authorToken: 'a' });
  assert.equal(plan(answer(201, body), true).published, true);
  assert.match(plan(answer(202, null), true).message, /awaiting moderation/);
});

test('an expired or invalid token is renewed once, a missing one is not', () => {
  for (const reason of ['expired', 'invalid']) {
    const refusal = answer(403, { code: 'captcha_failed', reason, detail: 'Captcha verification failed!', reference: 'R' });
    assert.deepEqual(plan(refusal, true), { kind: 'again', newKey: false });
    const second = plan(refusal, false);
    assert.equal(second.detail, 'Captcha verification failed!');
    assert.equal(second.reference, 'R');
    assert.equal(second.retry, true);
  }
  assert.equal(plan(answer(403, { code: 'captcha_failed', reason: 'missing' }), true).kind, 'stopped');
});

test('a low score offers review only where the answer does', () => {
  const body = { code: 'captcha_score_low', detail: 'CAPTCHA user score failed. Please contact us!', contact: '/contact' };
  assert.equal(plan(answer(403, { ...body, review: true }), true).review, true);
  const plain = plan(answer(403, body), true);
  assert.equal(plain.review, false);
  assert.equal(plain.retry, false);
  assert.equal(plain.contact, '/contact');
});

test('all faults of the answer are handed on', () => {
  const errors = [{ field: 'body', code: 'required', message: 'Please enter your comment!' }];
  assert.deepEqual(plan(answer(422, { code: 'validation_failed', detail: 'd', errors }), true).faults, errors);
});

test('a key used for another text is changed once', () => {
  const body = { code: 'idempotency_key_reused', detail: 'd' };
  assert.deepEqual(plan(answer(422, body), true), { kind: 'again', newKey: true });
  assert.equal(plan(answer(422, body), false).kind, 'stopped');
});

test('no answer, a bare 503 and a page in place of JSON each get a sentence and a second try', () => {
  for (const status of [0, 502, 503]) {
    const told = plan(answer(status, null), true);
    assert.ok(told.retry && told.detail.includes('Your text is kept'), `${status}`);
  }
  assert.equal(plan(answer(503, null, '7'), true).wait, 7);
});

test('the wait of a 429 is read and worded', () => {
  assert.equal(plan(answer(429, { detail: 'x' }, '75'), true).wait, 75);
  assert.equal(seconds('soon'), null);
  assert.equal(seconds(null), null);
  assert.equal(seconds('-3'), null);
  assert.equal(waitSentence(1), 'You can send it again in 1 second.');
  assert.equal(waitSentence(91), 'You can send it again in 2 minutes.');
  assert.equal(waitSentence(5401), 'You can send it again in 2 hours.');
});

test('a key belongs to a content', () => {
  let made = 0;
  const make = () => `k${(made += 1)}`;
  const first = keyFor({ key: 'from the page', content: null }, 'a', make);
  assert.equal(first.key, 'from the page');
  assert.equal(keyFor(first, 'a', make).key, 'from the page');
  const other = keyFor(first, 'b', make);
  assert.equal(other.key, 'k1');
  assert.equal(keyFor(other, 'b', make).key, 'k1');
  assert.equal(keyFor({ key: '', content: null }, 'b', make).key, 'k2');
  assert.match(randomKey(), /^[0-9a-f]{32}$/);
});

test('only safe addresses are followed', () => {
  for (const good of ['https://a.example', 'mailto:a@b.c', '/contact']) assert.equal(followable(good), good);
  for (const bad of ['javascript:x', '//evil.example', '/\\evil', 'data:x', '', null]) assert.equal(followable(bad), null);
});
