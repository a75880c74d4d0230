import assert from 'node:assert/strict';
import test from 'node:test';

import { ago, deedInWords, excerpt, plural, signed } from '../../web/static/desk/words.js';

const now = Date.parse('2026-11-28T12:00:00Z');
const before = (seconds) => new Date(now - seconds * 1000).toISOString();

test('times are told in few characters, from a week on by the day', () => {
  assert.equal(ago(before(3), now), 'just now');
  assert.equal(ago(before(-20), now), 'just now', 'clocks differ a little');
  assert.equal(ago(before(60), now), '1 min ago');
  assert.equal(ago(before(3 * 3600), now), '3 hr ago');
  assert.equal(ago(before(86_400), now), 'yesterday');
  assert.equal(ago(before(3 * 86_400), now), '3 days ago');
  assert.equal(ago('2026-11-02T12:00:00Z', now), '2 Nov');
  assert.equal(ago('2025-11-02T12:00:00Z', now), '2 Nov 2025');
  assert.match(ago('2026-12-02T12:00:00Z', now), /2 Dec 2026/);
  assert.equal(ago('not a time', now), 'not a time');
});

test('numbers have their words and signs', () => {
  assert.equal(plural(1, 'row'), '1 row');
  assert.equal(plural(1234, 'row'), '1,234 rows');
  assert.equal(plural(2, 'near-copy', 'near-copies'), '2 near-copies');
  assert.equal(signed(1.25), '+1.3');
  assert.equal(signed(-0.4), '−0.4');
});

test('an excerpt is one line and never cuts a character in two', () => {
  assert.equal(excerpt('  a\n\n b  ', 10), 'a b');
  assert.equal(excerpt('😀😀😀😀', 3), '😀😀…');
  assert.equal(excerpt('W'.repeat(100_000), 180).length, 180);
});

test('the history is told in words, also of deeds that this desk does not know', () => {
  const deed = (action, from, to, who = 'ben') => ({ who, when: '', why: null, from, to, action, version: 2 });
  assert.equal(deedInWords(deed('comment.approve', 'pending', 'approved')), 'ben published it');
  assert.equal(deedInWords(deed('comment.edit', 'approved', 'pending', 'author')), 'The author changed the text, which made it waiting');
  assert.equal(deedInWords(deed('comment.something_new', null, null)), 'ben something new');
});
