// What stands around a comment: its thread, with the comment in its place, and everything that was done to it.

import { h, setSafeHtml, time } from './dom.js';
import { address } from './routes.js';
import { BACK_TO, deedInWords, STATUS } from './words.js';

/** @import { Context, Deed, Detail, Item, Neighbour } from './types.js' */

/** @param {Detail} detail @param {Context} ctx */
export function around(detail, ctx) {
  return [thread(detail), history(detail, ctx)];
}

/** @param {Detail} detail */
function thread(detail) {
  const others = detail.thread.filter(({ id }) => id !== detail.id);
  if (others.length === 0) return null;
  const title = others.length === 1 ? 'One other comment in its thread' : `${others.length} other comments in its thread`;
  return h('section', { class: 'part' }, h('h3', null, title), h('ol', { class: 'thread' }, placed(detail).map((one) => (one === detail ? self(detail, depthOf(detail)) : neighbour(/** @type {Neighbour} */ (one))))));
}

/** The thread in reading order; a comment that is not shown yet comes behind the last answer to its parent. @param {Detail} detail @returns {(Neighbour | Detail)[]} */
function placed(detail) {
  const all = detail.thread.map((one) => (one.id === detail.id ? detail : one));
  if (all.includes(detail)) return all;
  const parent = detail.thread.findIndex(({ id }) => id === detail.parent);
  if (parent < 0) return [...all, detail];
  const depth = detail.thread[parent]?.depth ?? 0;
  const after = detail.thread.findIndex((one, at) => at > parent && one.depth <= depth);
  return after < 0 ? [...all, detail] : [...all.slice(0, after), detail, ...all.slice(after)];
}

/** @param {Detail} detail */
function depthOf(detail) {
  const parent = detail.thread.find(({ id }) => id === detail.parent);
  return parent ? parent.depth + 1 : 0;
}

/** @param {Neighbour} one */
function neighbour(one) {
  if (one.removed) return h('li', { class: `depth-${Math.min(one.depth, 4)} soft` }, 'A removed comment');
  const words = h('div', { class: 'words' });
  setSafeHtml(words, one.html ?? '');
  return h(
    'li',
    { class: `depth-${Math.min(one.depth, 4)}` },
    h('p', { class: 'by' }, h('bdi', null, one.name), one.by_staff && [' ', h('span', { class: 'badge' }, 'Newsroom')], ' ', h('a', { class: 'soft', href: address('comment', one.id) }, time(one.created_at))),
    words,
  );
}

/** @param {Item} item @param {number} depth */
function self(item, depth) {
  const state = item.status === 'approved' ? 'this comment' : `this comment, ${STATUS[item.status].toLowerCase()}`;
  return h('li', { class: `depth-${Math.min(depth, 4)} self` }, h('p', { class: 'by' }, h('bdi', null, item.name), ` · ${state}`));
}

/** @param {Detail} detail @param {Context} ctx */
function history(detail, ctx) {
  const line = (/** @type {Deed} */ deed) => h('li', null, h('p', null, deedInWords(deed), ' ', time(deed.when)), typeof deed.why === 'string' && deed.why !== '' && why(deed.why, detail.site, ctx));
  const last = detail.history.findLast(({ from, to }) => from && to && from !== to);
  // What the author did is no decision, and what waits has none.
  const undo = last?.from && last.to === detail.status && detail.status !== 'pending' && last.who !== 'author' ? BACK_TO[last.from] : null;
  const came = h('li', null, h('p', null, 'It came in ', time(detail.created_at)));
  return h('section', { class: 'part' }, h('h3', null, 'History'), h('ol', { class: 'history' }, came, detail.history.map(line)), undo && h('p', null, h('button', { type: 'button', class: 'link', onclick: () => ctx.decider.decide(detail, undo) }, 'Undo the last decision')));
}

/** A reason, by its name as soon as that is known. @param {string} reason @param {string} site @param {Context} ctx */
function why(reason, site, ctx) {
  const line = h('p', { class: 'soft' }, `“${reason}”`);
  const told = import('./reasons.js').then(({ reasonInWords }) => reasonInWords(ctx, site, reason));
  void told.then((words) => void (line.textContent = words)).catch(() => {});
  return line;
}
