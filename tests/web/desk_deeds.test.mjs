// The record's lines as sentences, and the terms that the desk has for spans and shares.

import assert from 'node:assert/strict';
import test from 'node:test';

import { ACTIONS, actorOf, tell, whoDid } from '../../web/static/desk/views/deeds.js';
import { between, pathOf, share, span, until } from '../../web/static/desk/views/terms.js';

const line = (actor, action, subject, detail = {}) => ({ at: '2026-11-28T12:00:00Z', actor, action, subject, detail });
/** The whole sentence as it is read. */
const read = (deed) => [whoDid(deed.actor), ' ', ...tell(deed).sentence.map((part) => (typeof part === 'string' ? part : (part.text ?? part.strong)))].join('');

test('a decision says where the comment stood, unless it only waited', () => {
  assert.equal(read(line('moderator:ada', 'comment.approve', 'x', { from: 'pending', to: 'approved' })), 'ada published a comment');
  assert.equal(read(line('token:nightly', 'comment.reject', 'x', { from: 'approved', to: 'rejected', ban: 'y' })), 'Token nightly rejected a comment, by a ban, which was published');
  assert.equal(read(line('author', 'comment.edit', 'x', { from: 'approved', to: 'pending' })), 'The author changed their comment, which sent it back to waiting');
});

test('the reason stands beside it, and links lead to what it was about', () => {
  const told = tell(line('moderator:ada', 'comment.reject', 'id-1', { from: 'pending', to: 'rejected', reason: 'insult' }));
  assert.equal(told.why, 'insult');
  assert.deepEqual(told.sentence.find((part) => part.to), { text: 'a comment', to: { comment: 'id-1' } });
  assert.equal(tell(line('system', 'session.fail', 'ada', { reason: 'password' })).why, null);
});

test('settings and pages say what was before and after', () => {
  const settings = tell(line('operator', 'settings.reload', 'settings', { changes: [{ key: 'captcha.reject_below', before: '0.3', after: '0.2' }], needs_restart: [] }));
  assert.deepEqual(settings.changes, [{ name: 'captcha.reject_below', before: '0.3', after: '0.2' }]);
  const closed = line('moderator:ada', 'page.change', 'https://news.example/a', { site: 'news', before: { closed: false }, after: { closed: true } });
  assert.equal(read(closed), 'ada closed https://news.example/a');
  assert.deepEqual(tell(closed).changes, []);
  const titled = tell(line('moderator:ada', 'page.change', 'p', { before: { title: null, mode: null }, after: { title: 'T', mode: 'pre' } }));
  assert.deepEqual(titled.changes, [{ name: 'title', before: 'nothing', after: 'T' }, { name: 'mode', before: 'as on the site', after: 'Everything waits' }]);
});

test('what people do to themselves reads so', () => {
  assert.equal(read(line('moderator:ada', 'moderator.password', 'ada', { sessions_ended: 2 })), 'ada changed their password, which ended 2 sessions');
  assert.equal(read(line('operator', 'moderator.password', 'ada', { sessions_ended: 0 })), 'The operator gave ada another password');
  assert.deepEqual(tell(line('moderator:ada', 'moderator.change', 'ben', { role: { from: 'moderator', to: 'admin' }, sites: { from: ['news'], to: null } })).changes, [
    { name: 'role', before: 'Moderator', after: 'Admin' },
    { name: 'sites', before: 'news', after: 'all sites' },
  ]);
});

test('an action that is not known is told by its own name', () => {
  assert.equal(read(line('moderator:ada', 'comment.something_new', 'x')), 'ada did comment: something new to x');
});

test('every action that can be asked for, and every detail that is missing, has words', () => {
  const asked = Object.values(ACTIONS).flatMap((group) => Object.keys(group)).filter((action) => action && !action.endsWith('.'));
  for (const action of asked) assert.doesNotMatch(read(line('moderator:ada', action, 'ben')), /undefined|null| did /, action);
});

test('who is meant is known by a name, a token or a part of the program', () => {
  assert.deepEqual(['ada', 'Token nightly', 'the program', 'author', 'token:x', ''].map(actorOf), ['moderator:ada', 'token:nightly', 'system', 'author', 'token:x', '']);
  assert.equal(actorOf(whoDid('token:a:b')), 'token:a:b');
});

test('a span has its two largest units, and one is enough for what is long', () => {
  assert.deepEqual([0.4, 59, 61, 3600, 12_000, 90_000, 12 * 86_400].map(span), ['under 1 s', '59 s', '1 min 1 s', '1 h', '3 h 20 min', '1 day 1 h', '12 days']);
});

test('an end is told with how long it is until then', () => {
  const now = Date.parse('2026-11-28T12:00:00Z');
  assert.equal(until(null), 'for good');
  assert.match(until('2026-11-30T12:00:00Z', now), /^until 30 Nov 2026, \d\d:00, for another 2 days$/);
  assert.match(until('2026-11-27T12:00:00Z', now), /^ended on 27 Nov 2026/);
});

test('shares and intervals keep one place, and paths are read as people write them', () => {
  assert.deepEqual([share(null), share(0.002), between({ low: 0, high: 0.0123 })], ['–', '0.2%', '0.0 to 1.2%']);
  assert.deepEqual([pathOf('https://news.example/a%20b?x=1'), pathOf('/demo'), pathOf('https://news.example/%E0%A4%A')], ['/a b?x=1', '/demo', 'https://news.example/%E0%A4%A']);
});
