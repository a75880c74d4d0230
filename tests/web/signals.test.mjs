import assert from 'node:assert/strict';
import test from 'node:test';

import { jitterBucket, movesBucket, signalsOf } from '../../web/static/signals.js';

const use = (begun, first, keys = [], counts = {}) => ({ begun, first, keys, counts });

test('exactly six whole numbers go out, in order and in range', () => {
  const used = use(1000.4, 3000.6, [3100, 3180, 3350, 3390, 3600], { focusin: 1, pointermove: 1, paste: 1, input: 9 });
  assert.deepEqual(signalsOf(used, 9000.9), { t_first: 2000, t_total: 6000, keys: 5, key_jitter_bucket: 4, moves_bucket: 1, pastes: 1 });
});

test('a form nobody touched says so with zeros alone', () => {
  assert.deepEqual(signalsOf(use(5, 0), 1005), { t_first: 0, t_total: 0, keys: 0, key_jitter_bucket: 0, moves_bucket: 0, pastes: 0 });
});

test('a form filled in without keys or pointer was touched all the same, even at the very start', () => {
  assert.deepEqual(signalsOf(use(1000, 1000, [], { input: 1 }), 9000), { t_first: 1, t_total: 8000, keys: 0, key_jitter_bucket: 0, moves_bucket: 0, pastes: 0 });
});

test('even keys are told from uneven ones, and a pause to think does not count', () => {
  const even = Array.from({ length: 25 }, (_, n) => 10 + n * 20);
  assert.equal(signalsOf(use(0, 10, even), 500).key_jitter_bucket, 1);
  assert.equal(signalsOf(use(0, 100, [100, 200, 300, 400, 9000, 9100]), 9200).key_jitter_bucket, 1);
  assert.equal(jitterBucket([5, 5]), 0);
  assert.equal(jitterBucket([1, 1000, 1, 1000]), 7);
});

test('moves fall into buckets, and all that a hand does counts among them', () => {
  assert.deepEqual([0, 1, 3, 4, 15, 16, 64, 1e9].map(movesBucket), [0, 1, 1, 2, 2, 3, 4, 7]);
  assert.equal(signalsOf(use(0, 1, [], { pointermove: 3, pointerdown: 1 }), 2).moves_bucket, 2);
});

test('a day is the longest time told', () => {
  const { t_first, t_total } = signalsOf(use(0, 1e12), 3e12);
  assert.deepEqual([t_first, t_total], [86_400_000, 86_400_000]);
});
