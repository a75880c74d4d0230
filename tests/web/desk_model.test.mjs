import assert from 'node:assert/strict';
import test from 'node:test';

import { MOST_CHOSEN, Model } from '../../web/static/desk/model.js';

const item = (id, more = {}) => ({ id, version: 1, status: 'pending', claimed_by: null, ...more });
const ids = (model) => model.items.map(({ id }) => id).join('');

async function loaded(pages = { null: { items: ['a', 'b', 'c', 'd', 'e'].map((id) => item(id)), next_cursor: null } }) {
  const model = new Model(async (cursor) => pages[cursor], () => {});
  await model.load();
  return model;
}

test('where the open one goes, the one behind it opens, at the end the one before', async () => {
  const model = await loaded();
  model.show(model.items[1]);
  const places = model.remove(['b', 'c']);
  assert.equal(ids(model), 'ade');
  assert.equal(model.open.id, 'd');
  model.show(model.items[2]);
  model.remove(['e']);
  assert.equal(model.open.id, 'd');
  model.restore(places);
  assert.equal(ids(model), 'abcd');
  model.remove(['a', 'b', 'c', 'd']);
  assert.equal(model.open, null);
});

test('putting back twice puts back once', async () => {
  const model = await loaded();
  const places = model.remove(['a']);
  model.restore(places);
  model.restore(places);
  assert.equal(ids(model), 'abcde');
});

test('going on adds what is not there yet', async () => {
  const model = await loaded({ null: { items: [item('a'), item('b')], next_cursor: 'x' }, x: { items: [item('b'), item('c')], next_cursor: null } });
  await model.more();
  assert.equal(ids(model), 'abc');
  await model.more();
  assert.equal(ids(model), 'abc');
});

test('an answer that comes after a newer question is not shown', async () => {
  const answers = [];
  const model = new Model(() => new Promise((resolve) => answers.push(resolve)), () => {});
  const [first, second] = [model.load(), model.load()];
  answers[1]({ items: [item('new')], next_cursor: null });
  await second;
  answers[0]({ items: [item('old')], next_cursor: null });
  await first;
  assert.equal(ids(model), 'new');
});

test('a failure is kept to be told, and what was loaded stays', async () => {
  let fails = false;
  const model = new Model(async () => { if (fails) throw new Error('away'); return { items: [item('a')], next_cursor: 'x' }; }, () => {});
  await model.load();
  fails = true;
  await model.more();
  assert.equal(ids(model), 'a');
  assert.equal(model.error.message, 'away');
  assert.equal(model.state, 'ready');
});

test('a range goes from the row chosen before, either way, and takes the same turn', async () => {
  const model = await loaded();
  model.choose('d');
  model.choose('b', true);
  assert.deepEqual([...model.chosen].sort(), ['b', 'c', 'd']);
  model.choose('c', true);
  assert.deepEqual([...model.chosen].sort(), ['d']);
});

test('all is what is shown, but what others settled; a second time it is none', async () => {
  const model = await loaded();
  model.settle('c', { status: 'spam', by: 'ben', version: 2 });
  model.chooseAll();
  assert.equal(model.chosen.size, 4);
  model.chooseAll();
  assert.equal(model.chosen.size, 0);
});

test('no more are chosen than one request decides on', async () => {
  const many = Array.from({ length: 600 }, (_, at) => item(String(at)));
  const model = await loaded({ null: { items: many, next_cursor: null } });
  model.chooseAll();
  assert.equal(model.chosen.size, MOST_CHOSEN);
  model.choose('599');
  assert.equal(model.chosen.size, MOST_CHOSEN);
});

test('loading anew forgets what was chosen and is gone, and keeps what is open', async () => {
  const pages = { null: { items: [item('a'), item('b')], next_cursor: null } };
  const model = await loaded(pages);
  model.show(model.items[0]);
  model.choose('a');
  model.choose('b');
  pages.null = { items: [item('b')], next_cursor: null };
  await model.load();
  assert.deepEqual([...model.chosen], ['b']);
  assert.equal(model.open.id, 'a');
});
