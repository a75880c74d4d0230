import assert from 'node:assert/strict';
import test from 'node:test';

import { seen, stretches } from '../../web/static/desk/text.js';

const signal = (name, start, end) => ({ name, weight: 1, text: name, span: { start, end } });
const shown = (parts) => parts.map(({ text, signals }) => [text, signals.map(({ name }) => name).join()]);

test('a text without signals is one stretch, and an empty one none', () => {
  assert.deepEqual(shown(stretches('Hello', [])), [['Hello', '']]);
  assert.deepEqual(stretches('', []), []);
});

test('places count characters, not UTF-16 units', () => {
  const body = '👩‍👧 𝓫𝓾𝔂 now';
  const start = Array.from(body).indexOf('𝓫');
  assert.deepEqual(shown(stretches(body, [signal('styled', start, start + 3)])), [['👩‍👧 ', ''], ['𝓫𝓾𝔂', 'styled'], [' now', '']]);
});

test('signals that overlap are cut where each begins and ends, and nothing of the text is lost', () => {
  const parts = stretches('abcdefgh', [signal('one', 1, 5), signal('two', 3, 8)]);
  assert.deepEqual(shown(parts), [['a', ''], ['bc', 'one'], ['de', 'one,two'], ['fgh', 'two']]);
});

test('a place outside the text, an empty one and one turned round mark nothing they should not', () => {
  const odd = [signal('past', 10, 20), signal('empty', 2, 2), signal('turned', 3, 1), signal('long', 2, 99), { ...signal('none', 0, 0), span: null }];
  assert.deepEqual(shown(stretches('abcd', odd)), [['ab', ''], ['cd', 'long']]);
});

test('characters that nobody sees are named, joiners of emoji are left alone', () => {
  assert.deepEqual(seen('vi\u200Bagra'), [{ text: 'vi', unseen: false }, { text: 'U+200B', unseen: true }, { text: 'agra', unseen: false }]);
  assert.deepEqual(seen('\u202Etxet'), [{ text: 'U+202E', unseen: true }, { text: 'txet', unseen: false }]);
  assert.deepEqual(seen('\u{E0061}'), [{ text: 'U+E0061', unseen: true }]);
  assert.deepEqual(seen('👩‍👧 می‌خواهم'), [{ text: '👩‍👧 می‌خواهم', unseen: false }]);
});
