import assert from 'node:assert/strict';
import test from 'node:test';

import { planFor, randomKey, sendingOf, waitIn } from '../../web/static/embed/answers.js';

const answer = (status, body, retryAfter = null) => ({ status, body, retryAfter });

test('201 and 202 are done, but only where they say which comment', () => {
  const body = { id: 'i', status: 'pending', message: 'Thanks' };
  for (const status of [201, 202]) assert.deepEqual(planFor(answer(status, body), true), { kind: 'done', body });
  for (const page of [null, {}]) assert.equal(planFor(answer(202, page), true).offer, 'retry');
});

test('an expired or invalid token is renewed once, a missing one is not', () => {
  for (const reason of ['expired', 'invalid']) {
    const refusal = answer(403, { code: 'captcha_failed', reason, detail: 'Captcha verification failed!', reference: 'R' });
    assert.deepEqual(planFor(refusal, true), { kind: 'again', newKey: false });
    const { detail, reference, offer } = planFor(refusal, false);
    assert.deepEqual([detail, reference, offer], ['Captcha verification failed!', 'R', 'retry']);
  }
  assert.equal(planFor(answer(403, { code: 'captcha_failed', reason: 'missing' }), true).kind, 'stopped');
});

test('a low score offers review only where the answer does', () => {
  const body = { code: 'captcha_score_low', detail: 'CAPTCHA user score failed. Please contact us!', contact: '/contact' };
  assert.equal(planFor(answer(403, { ...body, review: true }), true).offer, 'review');
  const { offer, contact } = planFor(answer(403, body), true);
  assert.deepEqual([offer, contact], [null, '/contact']);
});

test('a comment whose parent is gone may go alone', () => {
  assert.equal(planFor(answer(404, { code: 'parent_not_found', detail: 'd' }), true).offer, 'alone');
});

test('all faults of the answer are handed on', () => {
  const errors = [{ field: 'body', code: 'required', message: 'Please enter your comment!' }];
  const plan = planFor(answer(422, { code: 'validation_failed', detail: 'd', errors }), true);
  assert.deepEqual(plan, { kind: 'faults', code: 'validation_failed', detail: 'd', faults: errors });
});

test('a key used for another text is changed once', () => {
  const body = { code: 'idempotency_key_reused', detail: 'd' };
  assert.deepEqual(planFor(answer(422, body), true), { kind: 'again', newKey: true });
  assert.equal(planFor(answer(422, body), false).kind, 'stopped');
});

test('no answer, a bare 503 and a page in place of JSON each get a sentence and a second try', () => {
  for (const [status, says, code] of [[0, 'offline', 'offline'], [502, 'unavailable', 'unknown'], [503, 'unavailable', 'unknown'], [200, 'unknown', 'unknown']]) {
    const plan = planFor(answer(status, null), true);
    assert.deepEqual([plan.says, plan.offer, plan.code], [says, 'retry', code], `${status}`);
  }
  assert.equal(planFor(answer(503, null, 7), true).wait, 7);
});

test('a refusal that stands offers nothing', () => {
  for (const [status, code] of [[403, 'banned'], [403, 'comments_closed'], [409, 'duplicate'], [413, 'too_large']]) {
    const plan = planFor(answer(status, { code, detail: 'd' }), true);
    assert.deepEqual([plan.detail, plan.offer], ['d', null], code);
  }
});

test('a wait is worded in the unit that fits, rounded up', () => {
  const limited = planFor(answer(429, { code: 'rate_limited', detail: 'x' }, 75), true);
  assert.deepEqual([limited.wait, limited.offer], [75, 'retry']);
  assert.deepEqual([0.2, 1, 90, 91, 5400, 5401].map(waitIn), [
    ['wait_seconds', 1], ['wait_seconds', 1], ['wait_seconds', 90], ['wait_minutes', 2], ['wait_minutes', 90], ['wait_hours', 2],
  ]);
});

test('a key belongs to what was typed, and takes along what went with it', () => {
  let made = 0;
  const make = () => `k${(made += 1)}`;
  const typed = (body, title = 't') => ({ body, name: 'n', email: 'e', url: null, parent: null, title });
  const first = sendingOf({ key: 'from the page', content: null }, typed('a'), make);
  assert.deepEqual(first, { key: 'from the page', content: typed('a') });
  assert.deepEqual(sendingOf(first, typed('a', 'another title'), make), first, 'the very same is sent again');
  const other = sendingOf(first, typed('b'), make);
  assert.equal(other.key, 'k1');
  assert.equal(sendingOf(other, { ...typed('b'), parent: 'p' }, make).key, 'k2');
  assert.equal(sendingOf(null, typed('b'), make).key, 'k3');
  assert.match(randomKey(), /^\d+(-\d+){3}$/);
});
