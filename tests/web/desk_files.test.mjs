// What holds for every file of the desk.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const DESK = fileURLToPath(new URL('../../web/static/desk/', import.meta.url));
const files = readdirSync(DESK, { recursive: true }).filter((name) => name.endsWith('.js')).sort();
const source = Object.fromEntries(files.map((name) => [name, readFileSync(path.join(DESK, name), 'utf8')]));
const imports = (name, pattern) => [...source[name].matchAll(pattern)].map(([, from]) => path.posix.join(path.posix.dirname(name), from));
const STATIC = /^(?:import|export)\b[^'"]*?from '(\.[^']+)'/gm;
const DYNAMIC = /\bimport\('(\.[^']+)'\)/g;

test('every module says what it is for and is short', () => {
  for (const name of files) {
    assert.match(source[name], /^\/\/ [A-Z]/, name);
    assert.ok(source[name].split('\n').length <= 300, `${name} is too long`);
  }
});

test('everything imported is there, and everything there is imported', () => {
  const reached = new Set(['main.js', 'queue.js', 'types.js']);
  for (const name of files) {
    for (const found of [...imports(name, STATIC), ...imports(name, DYNAMIC)]) {
      assert.ok(files.includes(found), `${name} imports ${found}`);
      reached.add(found);
    }
  }
  const places = [...source['routes.js'].matchAll(/module: '([^']+)'/g)].map(([, module]) => `${module}.js`);
  for (const place of places) reached.add(place);
  assert.deepEqual(files.filter((name) => !reached.has(name)), []);
});

test('the page names every module of the first view, and no other', () => {
  const first = new Set();
  const follow = (name) => {
    if (first.has(name)) return;
    first.add(name);
    imports(name, STATIC).forEach(follow);
  };
  ['main.js', 'queue.js'].forEach(follow);
  const page = readFileSync(path.join(DESK, '../../pages/desk.html'), 'utf8');
  const named = [.../for module in \[([^\]]+)\]/.exec(page)[1].matchAll(/'([^']+)'/g)].map(([, name]) => `${name}.js`);
  assert.deepEqual(named.sort(), [...first].sort());
});

test('markup is set in one place, and nothing is inline or evaluated', () => {
  const sets = files.filter((name) => /\.(innerHTML|outerHTML)\s*\+?=|insertAdjacentHTML|document\.write|setHTML|createContextualFragment|srcdoc/.test(source[name]));
  assert.deepEqual(sets, ['dom.js']);
  assert.equal(source['dom.js'].match(/innerHTML/g).length, 1);
  for (const name of files) assert.doesNotMatch(source[name], /\beval\(|new Function\(|'style'/, name);
});
