// What both halves of the widget stand on.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Api } from '../../web/static/embed/api.js';
import { isFollowable } from '../../web/static/embed/dom.js';
import { forgetReader, inBrowser, inTab, mayRemember } from '../../web/static/embed/kept.js';
import { PLACES } from '../../web/static/embed/places.js';
import { Texts, loadTexts } from '../../web/static/embed/texts.js';

/** Answers `fetch` and keeps what was asked. */
function stubFetch(t, answer) {
  const asked = [];
  const real = globalThis.fetch;
  t.after(() => (globalThis.fetch = real));
  globalThis.fetch = async (url, options = {}) => {
    asked.push({ url: String(url), ...options });
    return answer(String(url));
  };
  return asked;
}

test('a text takes its values, and none of them is read again', () => {
  const texts = new Texts('en', { 'a.b': 'To {name}, by {n}' });
  assert.equal(texts.say('a.b', { name: '{n} & <b>', n: 1234 }), 'To {n} & <b>, by 1,234');
  assert.equal(texts.say('a.b', { name: '$&' }), 'To $&, by {n}');
  assert.equal(texts.say('not.there'), 'not.there');
});

test('a number takes the plural form of its language', () => {
  const english = new Texts('en', { c: { one: 'One comment', other: '{n} comments' } });
  assert.deepEqual([0, 1, 2].map((n) => english.say('c', { n })), ['0 comments', 'One comment', '2 comments']);
  const russian = new Texts('ru', { c: { one: '{n} ответ', few: '{n} ответа', many: '{n} ответов', other: '{n} ответа' } });
  assert.deepEqual([1, 3, 5, 21].map((n) => russian.say('c', { n })), ['1 ответ', '3 ответа', '5 ответов', '21 ответ']);
});

test('from right to left, a name keeps to itself', () => {
  const texts = new Texts('ar', { r: 'الرد على {name}' });
  assert.equal(texts.dir, 'rtl');
  assert.equal(texts.say('r', { name: 'Ada!' }), 'الرد على \u2068Ada!\u2069');
});

test('the catalogue is that of the first wish there is one for, fetched once', async (t) => {
  const asked = stubFetch(t, () => Response.json({ k: 'v' }));
  const [first, second] = await Promise.all([loadTexts('nl', null, 'de-AT', 'fr'), loadTexts('DE')]);
  assert.equal(first.lang, 'de');
  assert.equal(first, second);
  assert.deepEqual(asked.map(({ url }) => url), [PLACES.texts('de')]);
  assert.equal((await loadTexts('zh_Hant')).lang, 'zh');
  assert.equal((await loadTexts('x')).lang, 'en');
});

test('a catalogue that could not be had is asked for again', async (t) => {
  let isDown = true;
  stubFetch(t, () => (isDown ? new Response('', { status: 503 }) : Response.json({ k: 'v' })));
  await assert.rejects(loadTexts('pt-BR'));
  isDown = false;
  assert.equal((await loadTexts('pt-BR')).say('k'), 'v');
});

test('a route is asked below the home, in the language of the page, with nothing of the reader', async (t) => {
  const asked = stubFetch(t, () => Response.json({ fine: true }));
  const api = new Api('https://news.example/below/', 'fr');
  const answer = await api.get('api/comments/counts', { page: ['/a', '/b&c'], cursor: null, at: '' });
  assert.deepEqual(answer, { status: 200, body: { fine: true }, retryAfter: null });
  await api.post('api/comments', { name: 'é' }, { 'Idempotency-Key': 'k' });
  assert.equal(asked[0].url, 'https://news.example/below/api/comments/counts?page=%2Fa&page=%2Fb%26c&lang=fr');
  assert.equal(asked[1].url, 'https://news.example/below/api/comments?lang=fr');
  assert.deepEqual([asked[1].method, asked[1].credentials, asked[1].body], ['POST', 'omit', '{"name":"é"}']);
  assert.deepEqual(asked[1].headers, { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' });
});

test('whatever happens on the way, there is an answer', async (t) => {
  const answers = [
    () => new Response('<p>busy', { status: 503, headers: { 'Retry-After': '7' } }),
    () => new Response(null, { status: 204 }),
    () => new Response('{}', { headers: { 'Retry-After': 'soon' } }),
    () => Promise.reject(new TypeError('offline')),
  ];
  stubFetch(t, () => answers.shift()());
  const api = new Api('https://news.example/', 'en');
  const told = [await api.get('a'), await api.delete('a'), await api.patch('a', {}), await api.get('a')];
  assert.deepEqual(told, [
    { status: 503, body: null, retryAfter: 7 },
    { status: 204, body: null, retryAfter: null },
    { status: 200, body: {}, retryAfter: null },
    { status: 0, body: null, retryAfter: null },
  ]);
});

/** A storage as browsers have it. */
function storage() {
  const values = new Map();
  return { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => values.set(key, value), removeItem: (key) => values.delete(key), values };
}

function withStorage(t, get) {
  for (const name of ['localStorage', 'sessionStorage']) {
    const real = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { configurable: true, get: () => get(name) });
    t.after(() => (real ? Object.defineProperty(globalThis, name, real) : delete globalThis[name]));
  }
}

test('what is kept is read again, in the tab and with consent in the browser', (t) => {
  const kept = { localStorage: storage(), sessionStorage: storage() };
  withStorage(t, (name) => kept[name]);
  inTab.keep('draft:/a', { body: 'half' });
  assert.deepEqual(inTab.read('draft:/a'), { body: 'half' });
  assert.deepEqual([...kept.sessionStorage.values.keys()], ['replydesk:draft:/a']);
  assert.equal(mayRemember(), false);
  inBrowser.keep('me', { name: 'Ada' });
  inBrowser.keep('visits', {});
  assert.equal(mayRemember(), true);
  forgetReader();
  assert.equal(kept.localStorage.values.size, 0);
  kept.sessionStorage.values.set('replydesk:author', '{broken');
  assert.equal(inTab.read('author'), null);
});

test('a storage that is forbidden keeps nothing and breaks nothing', (t) => {
  withStorage(t, () => {
    throw new Error('SecurityError');
  });
  inTab.keep('author', 'a');
  forgetReader();
  assert.deepEqual([inTab.read('author'), mayRemember()], [null, false]);
});

test('only addresses that run nothing are followed', () => {
  for (const good of ['https://a.example', 'HTTP://a.example', 'mailto:a@b.c', '/contact', '#comment-1']) assert.ok(isFollowable(good), good);
  for (const bad of ['javascript:x', ' javascript:x', 'data:x', 'java\nscript:x', 'vbscript:x', '', null, undefined]) assert.equal(isFollowable(bad), false, String(bad));
});
