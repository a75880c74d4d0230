// What holds for every module that is joined with others when it is served: see docs/architecture.md.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const STATIC = fileURLToPath(new URL('../../web/static/', import.meta.url));
const inside = readdirSync(path.join(STATIC, 'embed')).filter((name) => name.endsWith('.js'));
const files = ['form.js', ...inside.map((name) => `embed/${name}`)];
const source = Object.fromEntries(files.map((name) => [name, readFileSync(path.join(STATIC, name), 'utf8')]));
const lines = (name) => source[name].split('\n');
const IMPORT = /^import \{ [\w$]+(?:, [\w$]+)* \} from '(\.\.?\/[\w./-]+\.js)';$/;

/** The module with all that it imports. */
function joined(entry, seen = new Set()) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const line of lines(entry)) {
    const from = IMPORT.exec(line)?.[1];
    if (from) joined(path.posix.join(path.posix.dirname(entry), from), seen);
  }
  return seen;
}

test('every module says what it is for and is short', () => {
  for (const name of files) {
    assert.match(source[name], /^\/\/ [A-Z`]/, name);
    assert.ok(lines(name).length <= 201, `${name} is too long`);
  }
});

test('imports and exports have the form that can be joined', () => {
  for (const name of files) {
    for (const line of lines(name).filter((text) => /^(import|export)\b(?!\()/.test(text) && !text.startsWith('import.meta'))) {
      if (line.startsWith('import')) {
        assert.match(line, IMPORT, `${name}: ${line}`);
        const from = path.posix.join(path.posix.dirname(name), IMPORT.exec(line)[1]);
        assert.ok(source[from], `${name} imports ${from}, which is not joined`);
      } else {
        assert.match(line, /^export (function|class|const|async function) /, `${name}: ${line}`);
      }
    }
  }
});

test('no two modules that are joined call something by the same name at the top', () => {
  for (const entry of ['embed/element.js', 'embed/later.js', 'form.js']) {
    const owners = new Map();
    for (const name of joined(entry)) {
      for (const [, declared] of source[name].matchAll(/^(?:export )?(?:async )?(?:function|class|const|let) (\w+)/gm)) {
        assert.equal(owners.get(declared), undefined, `${declared} in ${name} and ${owners.get(declared)}`);
        owners.set(declared, name);
      }
    }
  }
});

test('what is loaded later brings along nothing that is there already, and nothing is left over', () => {
  const [first, later, form] = ['embed/element.js', 'embed/later.js', 'form.js'].map((entry) => joined(entry));
  assert.deepEqual([...later].filter((name) => first.has(name)), []);
  assert.deepEqual(files.filter((name) => ![first, later, form].some((all) => all.has(name))), []);
});

test('no markup is set, nothing is evaluated, no style stands in an attribute, no message and no cookie is read', () => {
  for (const name of files) {
    const code = source[name].replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
    assert.doesNotMatch(code, /\.(innerHTML|outerHTML)\s*\+?=|insertAdjacentHTML|document\.write|setHTML|createContextualFragment|srcdoc/, name);
    assert.doesNotMatch(code, /\beval\(|new Function\(|document\.cookie|['"]message['"]|postMessage|'style'|\bstyle:|\.style\b/, name);
  }
});

test('the manual names every property, part, attribute and event that a page can use, and no others', () => {
  const manual = readFileSync(path.join(STATIC, '../../docs/embedding.md'), 'utf8');
  const css = readFileSync(path.join(STATIC, 'embed.css'), 'utf8');
  const all = Object.values(source).join('\n');
  const sorted = (names) => [...new Set(names)].sort();
  const list = (head) => [...new RegExp(`^${head}: (.*)\\.$`, 'm').exec(manual)[1].matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
  assert.deepEqual(sorted(list('Properties')), sorted(css.match(/--replydesk-[a-z-]+/g)));
  assert.deepEqual(sorted(list('Parts')), sorted([...all.matchAll(/\bpart: '([\w ]+)'/g)].flatMap(([, names]) => names.split(' '))));
  const told = sorted([...manual.matchAll(/^\| `replydesk:(\w+)`/gm)].map(([, name]) => name));
  assert.deepEqual(told, sorted([...all.matchAll(/\bfire\([\w.#]+, '(\w+)'/g)].map(([, name]) => name)));
  const attributes = [...manual.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  const taken = [...source['embed/element.js'].matchAll(/getAttribute\('([\w-]+)'\)|#number\('(\w+)'/g)].map(([, one, other]) => one ?? other);
  assert.deepEqual(sorted(attributes), sorted([...taken, 'theme']));
});
