import assert from 'node:assert/strict';
import test from 'node:test';

import { address, asked, parse, PLACES, scopeOf } from '../../web/static/desk/routes.js';

test('an address is read and written alike', () => {
  const query = { q: 'a&b=c #?', site: 'news' };
  assert.deepEqual(parse(address('search', null, query)), { name: 'search', id: null, query });
  assert.deepEqual(parse(address('author', 'ä/b', {})), { name: 'author', id: 'ä/b', query: {} });
  assert.equal(address('waiting', null, { open: '' }), '#/waiting');
});

test('what is no route is the waiting ones, also what every object has', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/constructor', '#/__proto__', '#/%E0%A4%A']) assert.equal(parse(hash).name, 'waiting', hash);
});

test('no two keys lead to different places', () => {
  const keys = Object.values(PLACES).flatMap(({ keys }) => keys ?? []);
  assert.equal(new Set(keys).size, keys.length);
});

test('a list asks for its status and bundles near-copies; a search asks for all of them, one by one', () => {
  assert.deepEqual(scopeOf('waiting', null, {}).params, { collapse: 'cluster', status: 'pending', order: 'oldest' });
  assert.deepEqual(scopeOf('search', null, { q: 'x', status: 'spam', site: 'news', bogus: '1' }).params, { q: 'x', status: 'spam', site: 'news', order: 'newest' });
  assert.deepEqual(scopeOf('author', 'id', {}).params, { author: 'id', status: 'all', order: 'newest' });
  assert.equal(scopeOf('search', null, { status: 'toString' }).status, null);
  assert.equal(scopeOf('spam', null, { order: 'sideways' }).order, 'newest');
});

test('the first stretch is short, those behind it long', () => {
  const scope = scopeOf('waiting', null, {});
  assert.equal(asked(scope, null).limit, 30);
  assert.equal(asked(scope, 'next').limit, 100);
});
