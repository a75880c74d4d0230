// What happens on the page while it is read. One stream an address serves all widgets of a document; it is open while somebody
// may see one of them. Without it nothing is lost but news.

import { reveal } from './going.js';
import { change, putLate } from './late.js';
import { comesThrough } from './own.js';

/**
 * @import { Comment } from './comment.js'
 * @import { Thread } from './thread.js'
 */

const STREAM_EVENTS = ['comment', 'update', 'remove', 'reset'];
const LINGER_MS = 60_000;
/** At least; up to twice as long, so that not all come back at once. */
const AGAIN_MS = 30_000;
/** At most so many answers are looked through for what was missed. */
const MOST_AGAIN = 5;
/** So often, where things happen while that is done. */
const MOST_LOOKS = 3;

/** @type {Map<string, {source: EventSource, users: number}>} by address */
const streams = new Map();
/** @type {WeakMap<Thread, Map<string, Comment>>} new ones that nobody has asked to see yet, by id */
const waitingIn = new WeakMap();
/** @type {WeakMap<Thread, number>} how much each has heard */
const heardBy = new WeakMap();

/** @param {Thread} thread */
export function waitingOf(thread) {
  const known = waitingIn.get(thread) ?? new Map();
  waitingIn.set(thread, known);
  return known;
}

/** Listens while the thread is near what is seen of a page that is seen. @param {Thread} thread */
export function listen(thread) {
  const { api, base, stop } = thread.desk;
  const url = api.url('api/stream', { page: base.page }).href;
  let isNear = true;
  let timer = 0;
  /** @type {AbortController | null} */
  let end = null;
  const leave = () => {
    const stream = streams.get(url);
    if (end && stream && --stream.users === 0) {
      stream.source.close();
      streams.delete(url);
    }
    end?.abort();
    end = null;
  };
  const join = () => {
    const stream = streams.get(url) ?? { source: new EventSource(url), users: 0 };
    const { source } = stream;
    stream.users += 1;
    streams.set(url, stream);
    end = new AbortController();
    const { signal } = end;
    const hear = (/** @type {string} */ name, /** @type {any} */ data) => {
      if (name === 'reset') return void catchUp(thread);
      heardBy.set(thread, heardOf(thread) + 1);
      take(thread, name, data);
      offer(thread);
    };
    for (const name of STREAM_EVENTS) source.addEventListener(name, ({ data }) => hear(name, JSON.parse(data)), { signal });
    // A browser comes back by itself, with the number that it heard last; but not after a refusal.
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED) return;
      leave();
      timer = setTimeout(settle, AGAIN_MS * (1 + Math.random()));
    }, { signal });
    // What happened before it was open was not told.
    if (source.readyState === EventSource.OPEN) void catchUp(thread);
    else source.addEventListener('open', () => void catchUp(thread), { signal, once: true });
  };
  const settle = () => {
    clearTimeout(timer);
    if (!isNear || document.hidden) timer = setTimeout(leave, LINGER_MS);
    else if (!end) join();
  };
  const eye = new IntersectionObserver((seen) => {
    isNear = seen.at(-1)?.isIntersecting ?? false;
    settle();
  }, { rootMargin: '600px' });
  eye.observe(thread.node);
  document.addEventListener('visibilitychange', settle, stop);
  // Who loads anew gets the new ones with it.
  thread.desk.host.addEventListener('replydesk:ready', () => waitingOf(thread).clear(), stop);
  stop.signal.addEventListener('abort', () => {
    eye.disconnect();
    clearTimeout(timer);
    leave();
  });
}

/** What an event does to the thread. @param {Thread} thread @param {string} name @param {any} data */
function take(thread, name, data) {
  const { items } = thread;
  const waiting = waitingOf(thread);
  const item = items.get(data.id);
  const was = item?.comment;
  if (was?.waits) {
    // One's own that was changed is withdrawn from others, and waits; who changed it knows.
    if (name !== 'remove') comesThrough(thread, data);
  } else if (item && was) {
    const comment = name === 'remove' ? { ...was, removed: true, typed: '' } : data;
    thread.total += Number(was.removed ?? false) - Number(comment.removed ?? false);
    if (shownOf(was) !== shownOf(comment)) change(thread, item, comment);
  } else if (name === 'remove') {
    waiting.delete(data.id);
    thread.total -= 1;
  } else if (name === 'comment') {
    if (!waiting.has(data.id)) thread.total += 1;
    // What answers a comment that is not loaded yet comes with it.
    if (!data.parent || items.has(data.parent) || waiting.has(data.parent)) waiting.set(data.id, data);
  }
}

/** What of it is seen. @param {Comment} comment */
const shownOf = ({ approved_at, ...shown }) => JSON.stringify(shown);

/** @type {WeakMap<Thread, HTMLButtonElement>} */
const bars = new WeakMap();

/** Says how many new ones there are; they come when somebody asks for them, so that nothing moves under who reads. @param {Thread} thread */
function offer(thread) {
  thread.settle();
  const { tools, texts, list } = thread;
  const waiting = waitingOf(thread);
  const n = waiting.size;
  let bar = bars.get(thread);
  if (!bar) {
    bar = tools.h('button', { type: 'button', class: 'button', part: 'button more', hidden: true, onclick: () => showWaiting(thread) });
    bars.set(thread, bar);
    // Before the list, so that who goes on by key need not go through all of it.
    list.before(tools.h('div', { class: 'bar' }, bar));
  }
  const said = n ? texts.say('thread.arrived', { n }) : '';
  // Aloud only once, however many follow.
  if (n && bar.hidden) thread.announce(said);
  bar.hidden = !n;
  bar.textContent = said;
}

/** Shows the new ones and goes to the first. @param {Thread} thread */
function showWaiting(thread) {
  const waiting = waitingOf(thread);
  const [first] = [...waiting.values()].map((comment) => putLate(thread, comment));
  waiting.clear();
  reveal(thread, first?.comment.id);
  offer(thread);
}

/** @param {Thread} thread */
const heardOf = (thread) => heardBy.get(thread) ?? 0;

/**
 * Looks at all that is shown once more. What was read before something was heard would undo that, so it is read anew.
 * @param {Thread} thread
 * @param {number} [looks] that are left
 * @returns {Promise<void>}
 */
async function catchUp(thread, looks = MOST_LOOKS) {
  const { items, desk, run, at } = thread;
  const heard = heardOf(thread);
  const { api, base } = desk;
  const loaded = () => [...items.values()].filter((item) => item.isLoaded).map(({ comment }) => comment);
  const n = loaded().length;
  const limit = n > base.limit ? 200 : base.limit;
  /** @type {Comment[]} */
  const now = [];
  let total = 0;
  let cursor = null;
  for (let asked = 0; asked === 0 || (cursor && now.length < n && asked < MOST_AGAIN); asked += 1) {
    const { body } = await api.get('api/comments', { ...base, limit, ...(cursor ? { cursor } : { at }) });
    if (!body?.comments || run !== thread.run) return;
    ({ total, next_cursor: cursor } = body);
    now.push(...body.comments);
  }
  if (heardOf(thread) !== heard && looks > 1) return catchUp(thread, looks - 1);
  const ids = new Set(now.map(({ id }) => id));
  const came = unknownIn(now, items, !thread.cursor);
  const went = unknownIn(loaded(), ids, !cursor);
  for (const comment of now) if (items.has(comment.id)) take(thread, 'update', comment);
  for (const comment of came) if (!comment.removed) take(thread, 'comment', comment);
  for (const comment of went) take(thread, 'remove', comment);
  thread.total = total;
  offer(thread);
}

/** Those that are not known, up to the last that is; beyond it only where the list goes on to the very end. @param {Comment[]} list @param {{has: (id: string) => boolean}} known @param {boolean} isWhole */
function unknownIn(list, known, isWhole) {
  const last = isWhole ? list.length : list.findLastIndex(({ id }) => known.has(id));
  return list.filter(({ id }, index) => index < last && !known.has(id));
}
