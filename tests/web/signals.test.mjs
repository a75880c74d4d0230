import assert from 'node:assert/strict';
import test from 'node:test';

import { Pace, jitterBucket, movesBucket } from '../../web/static/embed/signals.js';

test('exactly six whole numbers go out, in order and in range', () => {
  const pace = new Pace(1000.4);
  pace.saw('other', 3000.6);
  for (const at of [3100, 3180, 3350, 3390, 3600]) pace.saw('key', at);
  pace.saw('move', 3700);
  pace.saw('paste', 3800);
  const summary = pace.summary(9000.9);
  assert.deepEqual(summary, { t_first: 2000, t_total: 6000, keys: 5, key_jitter_bucket: 4, moves_bucket: 1, pastes: 1 });
});

test('a form nobody touched says so with zeros alone', () => {
  const summary = new Pace(5).summary(1005);
  assert.deepEqual(summary, { t_first: 0, t_total: 0, keys: 0, key_jitter_bucket: 0, moves_bucket: 0, pastes: 0 });
});

test('a form filled in without keys or pointer was touched all the same, even at the very start', () => {
  const pace = new Pace(1000);
  pace.saw('other', 1000);
  const summary = pace.summary(9001);
  assert.deepEqual(summary, { t_first: 1, t_total: 8000, keys: 0, key_jitter_bucket: 0, moves_bucket: 0, pastes: 0 });
});

test('even keys are told from uneven ones, and a pause to think does not count', () => {
  const even = new Pace(0);
  for (let at = 10; at < 500; at += 20) even.saw('key', at);
  assert.equal(even.summary(500).key_jitter_bucket, 1);
  const thinking = new Pace(0);
  for (const at of [100, 200, 300, 400, 9000, 9100]) thinking.saw('key', at);
  assert.equal(thinking.summary(9200).key_jitter_bucket, 1);
  assert.equal(jitterBucket(2, 10, 100), 0);
  assert.equal(jitterBucket(10, 10_000, 20_000_000), 7);
});

test('moves fall into buckets', () => {
  assert.deepEqual([0, 1, 3, 4, 15, 16, 64, 1e9].map(movesBucket), [0, 1, 1, 2, 2, 3, 4, 7]);
});

test('a day is the longest time told', () => {
  const pace = new Pace(0);
  pace.saw('other', 1e12);
  const { t_first, t_total } = pace.summary(3e12);
  assert.deepEqual([t_first, t_total], [86_400_000, 86_400_000]);
});
