import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { visit } from '../../web/static/embed/visit.js';

/** A browser's storage. */
class Shelf extends Map {
  getItem = (key) => this.get(key) ?? null;
  setItem = (key, text) => void this.set(key, text);
  removeItem = (key) => void this.delete(key);
}

const HOUR = 3_600_000;
const PAGE = 'https://news.example/bridge';

beforeEach(() => Object.assign(globalThis, { sessionStorage: new Shelf(), localStorage: new Shelf() }));
const consent = () => localStorage.setItem('replydesk:me', '{"name":"Ada"}');
const newTab = () => (globalThis.sessionStorage = new Shelf());

test('on a first visit nothing is new', () => {
  assert.equal(visit(PAGE, HOUR), Infinity);
});

test('a reload belongs to the same visit, and who comes back later pays another', () => {
  visit(PAGE, HOUR);
  assert.equal(visit(PAGE, HOUR + 60_000), Infinity);
  assert.equal(visit(PAGE, 3 * HOUR), HOUR + 60_000);
  assert.equal(visit(PAGE, 3 * HOUR + 1), HOUR + 60_000);
});

test('longer than the tab lives, only a reader who agreed is remembered', () => {
  visit(PAGE, HOUR);
  newTab();
  assert.equal(visit(PAGE, 5 * HOUR), Infinity);
  assert.equal(localStorage.size, 0);
  consent();
  visit(PAGE, 6 * HOUR);
  newTab();
  assert.equal(visit(PAGE, 9 * HOUR), 6 * HOUR);
});

test('two hundred pages are remembered, the latest ones', () => {
  consent();
  for (let i = 0; i < 250; i += 1) visit(`/page-${i}`, HOUR + i);
  visit('/page-60', 2 * HOUR);
  const kept = Object.keys(JSON.parse(localStorage.getItem('replydesk:visits')));
  assert.equal(kept.length, 200);
  assert.deepEqual([kept[0], kept.at(-1)], ['/page-50', '/page-60']);
});

test('storage that throws or holds nonsense changes nothing', () => {
  sessionStorage.setItem(`replydesk:visit:${PAGE}`, '{');
  localStorage.setItem('replydesk:visits', '[1');
  assert.equal(visit(PAGE, HOUR), Infinity);
  globalThis.sessionStorage = globalThis.localStorage = null;
  assert.equal(visit(PAGE, HOUR), Infinity);
});
