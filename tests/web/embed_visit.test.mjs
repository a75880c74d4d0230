import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { inBrowser, inTab } from '../../web/static/embed/kept.js';
import { noteSeen } from '../../web/static/embed/seen.js';
import { lastSeen } from '../../web/static/embed/visit.js';

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

/** The reader is here at `now` by their clock, and sees comments of these times by the server's. Says what they had seen before. */
function visit(page, now, ...seen) {
  const before = lastSeen(page, now);
  const items = new Map(seen.map((at, id) => [id, { comment: { at } }]));
  noteSeen({ before, desk: { base: { page } }, items, tools: { inBrowser, inTab, cameAt: ({ at }) => at } }, 0, now);
  return before;
}

test('on a first visit nothing is new, and after one to an empty page everything', () => {
  assert.equal(visit(PAGE, HOUR), Infinity);
  assert.equal(visit(PAGE, 3 * HOUR, 7), 0);
});

test('a reload belongs to the same visit, and who comes back later pays another', () => {
  visit(PAGE, HOUR, 7, 5);
  assert.equal(visit(PAGE, HOUR + 60_000, 7, 9), Infinity);
  assert.equal(visit(PAGE, 3 * HOUR, 9, 11), 9);
  assert.equal(visit(PAGE, 3 * HOUR + 1, 4), 9);
  assert.equal(visit(PAGE, 5 * HOUR), 11, 'what was seen once is not new again');
});

test('the clock of the reader says nothing about what is new', () => {
  const server = 500 * HOUR;
  for (const wrong of [-3 * HOUR, 0, 3 * HOUR]) {
    newTab();
    const page = `/${wrong}`;
    visit(page, server + wrong, server - 5);
    assert.equal(visit(page, server + HOUR + wrong, server + 5), server - 5);
  }
});

test('longer than the tab lives, only a reader who agreed is remembered', () => {
  visit(PAGE, HOUR, 7);
  newTab();
  assert.equal(visit(PAGE, 5 * HOUR, 7), Infinity);
  assert.equal(localStorage.size, 0);
  consent();
  visit(PAGE, 6 * HOUR, 8);
  newTab();
  assert.equal(visit(PAGE, 9 * HOUR, 8), 8);
});

test('two hundred pages are remembered, the latest ones', () => {
  consent();
  for (let i = 0; i < 250; i += 1) visit(`/page-${i}`, HOUR + i, i);
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
