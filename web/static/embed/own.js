// The comments that were sent from this tab: shown to their author until they come through, and theirs to change for a while.

import { reveal } from './going.js';
import { change, faultOf, putLate, tell } from './late.js';
import { itemNow, openPanel } from './panel.js';

/**
 * @import { Comment, Item } from './comment.js'
 * @import { Thread } from './thread.js'
 */

/**
 * @typedef {{id: string, parent: string | null, name: string, url: string | null, body: string, status: string, edit_token: string,
 *   edit_until: string, created_at: string}} Own `body` as it was typed
 */

const MOST_OWN = 50;
const TICK_MS = 15_000;

/** @type {WeakMap<Thread, Map<string, Own>>} by id */
const owned = new WeakMap();
/** @type {WeakSet<Own>} whom the server was asked about */
const askedAbout = new WeakSet();

/** @param {Thread} thread */
function ownOf(thread) {
  const { desk, tools } = thread;
  const known = owned.get(thread);
  if (known) return known;
  const kept = tools.inTab.read(`own:${desk.base.page}`);
  /** @type {Map<string, Own>} */
  const own = new Map((Array.isArray(kept) ? kept : []).map((one) => [one?.id, one]));
  owned.set(thread, own);
  thread.dress = (item) => showDeeds(thread, item);
  const { signal } = desk.stop;
  // An answer may come when the thread is gone.
  if (!signal.aborted) {
    const timer = setInterval(() => thread.items.forEach((item) => showDeeds(thread, item)), TICK_MS);
    signal.addEventListener('abort', () => clearInterval(timer));
  }
  return own;
}

/** @param {Thread} thread */
function keepOwn(thread) {
  thread.tools.inTab.keep(`own:${thread.desk.base.page}`, [...ownOf(thread).values()].slice(-MOST_OWN));
}

/** Whether the edit window is open, in milliseconds: the id says when the server had the comment, whose clock may differ from ours. @param {Own} own */
function leftFor({ id, edit_until, created_at }) {
  const skew = Date.parse(created_at) - Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  return Date.parse(edit_until) + (Number.isFinite(skew) ? skew : 0) - Date.now();
}

/** As it is shown until the server has said more. @param {Own} own @returns {Comment} */
function asTyped({ id, parent, name, body, status, created_at }) {
  const waits = status === 'pending';
  return { id, parent, depth: 0, name, url: null, html: '', typed: body, waits, created_at, edited_at: null, likes: 0, by_staff: false };
}

/** One's own may be changed and taken back, while there is time. @param {Thread} thread @param {Item} item */
function showDeeds(thread, { article, comment }) {
  const own = ownOf(thread).get(comment.id);
  if (!own) return;
  const { h } = thread.tools;
  const deeds = article.querySelector('.deeds');
  const left = comment.removed ? 0 : leftFor(own);
  const said = thread.texts.say('act.left_minutes', { n: Math.ceil(left / 60_000) });
  article.querySelector('[data-act=report]')?.remove();
  if (left <= 0) {
    if (deeds?.matches(':focus-within')) article.focus({ preventScroll: true });
    deeds?.remove();
  } else if (deeds) /** @type {Element} */ (deeds.lastElementChild).textContent = said;
  else {
    const button = (/** @type {string} */ key) =>
      h('button', { type: 'button', class: 'act', part: 'button', 'data-act': key, 'aria-label': thread.texts.say(`act.${key}_of`) }, thread.texts.say(`act.${key}`));
    const made = h('span', { class: 'deeds' }, button('edit'), button('delete'), h('span', { class: 'left' }, said));
    const actions = article.querySelector('.actions') ?? h('div', { class: 'actions', part: 'actions' });
    actions.append(made);
    if (!actions.parentElement) article.insertBefore(actions, article.querySelector('.panel'));
  }
}

/** Shows those that wait in their places, and notices those that came through. @param {Thread} thread */
export function tend(thread) {
  for (const own of ownOf(thread).values()) {
    const item = thread.items.get(own.id);
    if (item?.isNew) {
      item.isNew = false;
      change(thread, item, item.comment);
    }
    if (!item?.isLoaded && own.status === 'pending') {
      putLate(thread, item?.comment ?? asTyped(own));
      if (!askedAbout.has(own)) void ask(thread, own);
    } else if (item && own.status === 'pending') approve(thread, own, item.comment);
    else if (item) showDeeds(thread, item);
  }
  thread.settle();
}

/** What the server knows of it by now. @param {Thread} thread @param {Own} own */
async function ask(thread, own) {
  askedAbout.add(own);
  const headers = leftFor(own) > 0 ? { 'X-Edit-Token': own.edit_token } : undefined;
  const { status, body } = await thread.desk.api.get(`api/comments/${own.id}`, {}, headers);
  const item = thread.items.get(own.id);
  if (status !== 200 || !body || !item) return;
  if (own.status === 'pending' && body.status === 'approved') approve(thread, own, body);
  else change(thread, item, { ...body, waits: body.status === 'pending' });
}

/** @param {Thread} thread @param {Own} own @param {Comment} comment as it came through */
function approve(thread, own, comment) {
  own.status = 'approved';
  keepOwn(thread);
  const item = putLate(thread, { ...comment, waits: false });
  tell(thread, item, 'form.published');
  thread.tools.fire(thread.desk.host, 'approved', { id: own.id });
}

/** One that was shown as waiting came through while the page was open. @param {Thread} thread @param {Comment} comment */
export function comesThrough(thread, comment) {
  const own = ownOf(thread).get(comment.id);
  if (!own) return;
  thread.total += 1;
  approve(thread, own, comment);
}

/** What has just been sent, in its place. @param {Thread} thread @param {Own & Record<string, unknown>} sent */
export function addOwn(thread, { id, parent, name, url, body, status, edit_token, edit_until, created_at, message }) {
  const own = { id, parent, name, url, body, status, edit_token, edit_until, created_at };
  ownOf(thread).set(id, own);
  keepOwn(thread);
  putLate(thread, asTyped(own));
  thread.settle();
  if (!reveal(thread, id)) thread.announce(String(message));
  void ask(thread, own);
}

/** @param {Thread} thread @param {Item} item @param {string} deed @param {boolean} [isQuiet] */
export function editOwn(thread, item, deed, isQuiet) {
  const own = ownOf(thread).get(item.comment.id);
  if (!own || leftFor(own) <= 0) return;
  openPanel(thread, item, deed, {
    ask: 'act.edit_of',
    go: 'act.save',
    value: own.body,
    most: 10_000,
    send: async (text) => {
      const answer = await thread.desk.api.patch(`api/comments/${own.id}`, { body: text }, { 'X-Edit-Token': own.edit_token });
      if (answer.status !== 200 || !answer.body) return faultOf(thread, answer);
      const now = itemNow(thread, item);
      const waits = answer.body.status === 'pending';
      // The stream may have said already that it is no longer shown to others.
      if (waits && !now.comment.waits && !now.comment.removed) thread.total -= 1;
      Object.assign(own, { body: text, status: answer.body.status });
      now.comment = { ...answer.body, waits };
      return null;
    },
    done: () => {
      keepOwn(thread);
      thread.settle();
      tell(thread, itemNow(thread, item), 'act.saved');
    },
  }, isQuiet);
}

/** @param {Thread} thread @param {Item} item @param {string} deed */
export function deleteOwn(thread, item, deed) {
  const own = ownOf(thread).get(item.comment.id);
  if (!own) return;
  openPanel(thread, item, deed, {
    ask: 'act.delete_sure',
    go: 'act.delete',
    send: async () => {
      const answer = await thread.desk.api.delete(`api/comments/${own.id}`, { 'X-Edit-Token': own.edit_token });
      if (answer.status !== 204 && answer.status !== 404) return faultOf(thread, answer);
      const now = itemNow(thread, item);
      if (!now.comment.waits && !now.comment.removed) thread.total -= 1;
      now.comment = { ...now.comment, removed: true, waits: false, typed: '' };
      ownOf(thread).delete(own.id);
      return null;
    },
    done: () => {
      keepOwn(thread);
      thread.settle();
      tell(thread, itemNow(thread, item), 'act.deleted');
    },
  });
}
