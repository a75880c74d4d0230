// What holds for every module of the widget, so that they can be joined, and stay readable.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

const FOLDER = new URL('../../web/static/embed/', import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.js')).sort();
const source = Object.fromEntries(files.map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]));
const importsOf = (name) => [...source[name].matchAll(/^import .* from '\.\/(.+)';$/gm)].map(([, from]) => from);

/** All that a module imports, and itself. */
function reached(entry, seen = new Set()) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const name of importsOf(entry)) reached(name, seen);
  return seen;
}

test('every module says what it is for and is short', () => {
  for (const name of files) {
    assert.match(source[name], /^\/\/ \S/, name);
    assert.ok(source[name].split('\n').length <= 210, `${name} is too long`);
  }
});

test('no two modules call something by the same name at the top', () => {
  const owners = new Map();
  for (const name of files) {
    for (const [, declared] of source[name].matchAll(/^(?:export )?(?:async )?(?:function|class|const|let) (\w+)/gm)) {
      assert.equal(owners.get(declared), undefined, `${declared} in ${name} and ${owners.get(declared)}`);
      owners.set(declared, name);
    }
  }
});

test('what comes later shares no module with what comes first', () => {
  const first = reached('element.js');
  for (const name of reached('later.js')) assert.ok(!first.has(name), name);
});

test('no markup is set, nothing is evaluated, no style stands in an attribute, no message is heard', () => {
  const odd = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTML|createContextualFragment|srcdoc|\beval\(|new Function\(|'style'|\bstyle:|\.style\b|'message'|\bcookie\b/;
  for (const name of files) assert.doesNotMatch(source[name].replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, ''), odd, name);
});
