// What the reader has seen of a page, by the server's clock. Longer than the tab lives only with consent.

/** @import { Thread } from './thread.js' */

const MOST_VISITS = 200;

/** Notes what is seen, now and whenever the page is left. @param {Thread} thread */
export function watchSeen(thread) {
  const { desk, cursor, tools } = thread;
  const { signal } = desk.stop;
  let newest = 0;
  // Before the first answer there is nothing to note.
  const note = () => thread.url && noteSeen(thread, newest, Date.now());
  note();
  document.addEventListener('visibilitychange', note, { signal });
  signal.addEventListener('abort', note);
  // What was there and not yet loaded is not new the next time either.
  if (!cursor || desk.base.sort === 'newest') return;
  void desk.api.get('api/comments', { ...desk.base, sort: 'newest', limit: 1 }).then(({ body }) => {
    newest = Math.max(0, ...(body?.comments ?? []).map(tools.cameAt));
    note();
  });
}

/**
 * Notes that the reader is here, and the newest comment that is shown.
 * @param {Pick<Thread, 'before' | 'desk' | 'items' | 'tools'>} thread @param {number} newest of those that are not shown
 * @param {number} now milliseconds, by the reader's clock
 */
export function noteSeen({ before, desk, items, tools }, newest, now) {
  const { inBrowser, inTab, cameAt } = tools;
  const { page } = desk.base;
  const known = Math.max(newest, inTab.read(`visit:${page}`)?.seen ?? 0, Number.isFinite(before) ? before : 0);
  const seen = [...items.values()].reduce((most, { comment }) => (comment.waits ? most : Math.max(most, cameAt(comment))), known);
  inTab.keep(`visit:${page}`, { before, seen, at: now });
  // The reader's consent is there with their name.
  if (inBrowser.read('me') === null) return;
  const visits = new Map(Object.entries(inBrowser.read('visits') ?? {}));
  visits.delete(page);
  inBrowser.keep('visits', Object.fromEntries([...visits.set(page, seen)].slice(-MOST_VISITS)));
}
