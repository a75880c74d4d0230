// The threshold lab's arithmetic, and how it puts figures into words.

import assert from 'node:assert/strict';
import test from 'node:test';

import { bounds, changed, fromQuery, shown, toml, toQuery, valueOf, withValue } from '../../web/static/desk/views/lab/proposal.js';

const IN_FORCE = { captcha: { reject_below: 0.3, hold_below: 0.6 }, scoring: { hold_at: 0.5, spam_at: 0.9 } };

test('no threshold passes its neighbour, nor leaves 0 to 1', () => {
  assert.deepEqual(bounds(IN_FORCE, 'reject_below'), { min: 0, max: 0.6 });
  assert.deepEqual(bounds(IN_FORCE, 'spam_at'), { min: 0.5, max: 1 });
  assert.equal(valueOf(withValue(IN_FORCE, 'reject_below', 0.8), 'reject_below'), 0.6);
  assert.equal(valueOf(withValue(IN_FORCE, 'hold_at', -3), 'hold_at'), 0);
  assert.equal(valueOf(withValue(IN_FORCE, 'spam_at', 7), 'spam_at'), 1);
});

test('moving one leaves the others, and those given, as they are', () => {
  const tried = withValue(IN_FORCE, 'hold_below', 0.7);
  assert.deepEqual(tried, { captcha: { reject_below: 0.3, hold_below: 0.7 }, scoring: IN_FORCE.scoring });
  assert.equal(IN_FORCE.captcha.hold_below, 0.6);
  assert.deepEqual(changed(tried, IN_FORCE), ['hold_below']);
});

test('steps leave no dust of binary fractions', () => {
  let tried = IN_FORCE;
  for (let step = 0; step < 10; step += 1) tried = withValue(tried, 'reject_below', valueOf(tried, 'reject_below') - 0.01);
  assert.equal(valueOf(tried, 'reject_below'), 0.2);
  assert.deepEqual(['0.20', '0.125', '1.00'], [shown(0.2), shown(0.125), shown(1)]);
});

test('an address keeps what is tried, and odd ones are read as near as may be', () => {
  const tried = withValue(withValue(IN_FORCE, 'hold_below', 0.95), 'reject_below', 0.9);
  const query = toQuery(tried, IN_FORCE);
  assert.deepEqual(query, { reject_below: '0.9', hold_below: '0.95', hold_at: '', spam_at: '' });
  assert.deepEqual(fromQuery(query, IN_FORCE), tried);
  assert.deepEqual(fromQuery({ hold_below: '0.1', reject_below: '0.05' }, IN_FORCE).captcha, { reject_below: 0.05, hold_below: 0.1 });
  assert.deepEqual(fromQuery({ spam_at: 'x', hold_at: '-1', reject_below: '' }, IN_FORCE), IN_FORCE);
});

test('the lines for the settings file name what differs, and all where nothing does', () => {
  assert.equal(toml(withValue(IN_FORCE, 'spam_at', 1), IN_FORCE, null), '[scoring]\nspam_at = 1.0\n');
  assert.equal(toml(IN_FORCE, IN_FORCE, null), '[captcha]\nreject_below = 0.3\nhold_below = 0.6\n\n[scoring]\nhold_at = 0.5\nspam_at = 0.9\n');
});

test('of one of several sites they go below that site', () => {
  assert.equal(toml(withValue(IN_FORCE, 'hold_at', 0.4), IN_FORCE, 'news'), '# below the [[site]] whose id is "news"\n[site.scoring]\nhold_at = 0.4\n');
});
