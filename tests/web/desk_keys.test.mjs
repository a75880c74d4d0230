import assert from 'node:assert/strict';
import test from 'node:test';

import { keyNames, Reader } from '../../web/static/desk/keys.js';

const bind = (keys, more = {}) => ({ keys, label: keys.join(), group: '', run: () => {}, ...more });
const press = (key, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });
const free = { typing: false, on: true, now: 0 };
const bindings = [bind(['a']), bind(['A']), bind(['g s']), bind(['s']), bind(['Escape']), bind(['x'], { when: () => false }), bind(['?'])];
const read = (reader, key, state = {}, more = {}) => reader.read(press(key, more), { ...free, ...state }, bindings)?.label ?? null;

test('a key means its binding, with shift another', () => {
  const reader = new Reader();
  assert.equal(read(reader, 'a'), 'a');
  assert.equal(read(reader, 'A'), 'A');
  assert.equal(read(reader, '?'), '?');
  assert.equal(read(reader, 'q'), null);
});

test('nothing acts while somebody types, with a modifier, or switched off; Escape does', () => {
  const reader = new Reader();
  assert.equal(read(reader, 'a', { typing: true }), null);
  assert.equal(read(reader, 'a', { on: false }), null);
  for (const key of ['ctrlKey', 'metaKey', 'altKey']) assert.equal(read(reader, 'a', {}, { [key]: true }), null);
  assert.equal(read(reader, 'Escape', { typing: true }), 'Escape');
  assert.equal(read(reader, 'Escape', { on: false }), 'Escape');
});

test('a second key counts for a while only, and never for itself', () => {
  const reader = new Reader();
  assert.equal(read(reader, 'g'), null);
  assert.equal(read(reader, 's', { now: 500 }), 'g s');
  assert.equal(read(reader, 'g', { now: 1000 }), null);
  assert.equal(read(reader, 's', { now: 9000 }), 's', 'too late');
  assert.equal(read(reader, 'g', { now: 10_000 }), null);
  assert.equal(read(reader, 'a', { now: 10_100 }), null, 'g a is nothing, and a alone was not meant');
  assert.equal(read(reader, 'a', { now: 10_200 }), 'a');
});

test('a binding that cannot act at the moment does not', () => {
  assert.equal(read(new Reader(), 'x'), null);
});

test('keys have names that people know', () => {
  assert.deepEqual(keyNames('g w'), ['g', 'w']);
  assert.deepEqual(keyNames('R'), ['Shift r']);
  assert.deepEqual(keyNames('Escape'), ['Esc']);
});
