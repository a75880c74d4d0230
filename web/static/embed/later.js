// What the thread can do beyond being read: it comes when somebody acts, has written, or is near the comments. It imports
// nothing that element.js imports; what it builds with, the thread hands on.

import { like, report, share } from './acts.js';
import { planFor, randomKey, sendingOf } from './answers.js';
import { wishFor } from './counts.js';
import { goByLink, goTo, reveal } from './going.js';
import { listen, waitingOf } from './live.js';
import { refuse } from './outcome.js';
import { addOwn, deleteOwn, editOwn, tend } from './own.js';
import { reopen } from './panel.js';
import { watchSeen } from './seen.js';

/**
 * @import { Item } from './comment.js'
 * @import { Own } from './own.js'
 * @import { Thread } from './thread.js'
 */

/** @type {Record<string, (thread: Thread, item: Item, deed: string, isQuiet?: boolean) => unknown>} */
const DEEDS = { like, share, report, edit: editOwn, delete: deleteOwn };

/** What a button does. @param {Thread} thread @param {Item | undefined} item the comment it stands in @param {HTMLElement} button */
export function act(thread, item, button) {
  const name = button.dataset.act ?? '';
  if (name === 'go') return goByLink(thread, /** @type {HTMLAnchorElement} */ (button).hash);
  if (item) return DEEDS[name]?.(thread, item, name);
  if (name !== 'since') return;
  // From one to the next, and from the last to the first.
  const all = thread.news().sort((a, b) => (a.article.compareDocumentPosition(b.article) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  const at = all.findIndex(({ article }) => article.matches('.marked'));
  return reveal(thread, all[(at + 1) % all.length]?.comment.id);
}

/** What was being written in a comment is there again. @param {Thread} thread */
function restore(thread) {
  reopen(thread, (item, name) => DEEDS[name]?.(thread, item, name, true));
}

/** Goes to the comment that an address names. @param {Thread} thread @param {string} hash */
export function follow(thread, hash) {
  return goTo(thread, hash);
}

/** How many comments an article has. @param {Element} element @param {import('./counts.js').Wish} wish */
export function count(element, wish) {
  wishFor(element, wish);
}

/** Hears what happens on the page. @param {Thread} thread */
export function hear(thread) {
  watchSeen(thread);
  listen(thread);
  restore(thread);
  thread.desk.host.addEventListener('replydesk:ready', () => restore(thread), thread.desk.stop);
}

/** Sees to what was sent from this tab before. @param {Thread} thread */
export function seeToOwn(thread) {
  tend(thread);
  restore(thread);
}

/** Shows what has just been sent. @param {Thread} thread @param {Own & Record<string, unknown>} sent */
export function showOwn(thread, sent) {
  // The stream may have been quicker than the answer.
  if (!waitingOf(thread).delete(sent.id) && sent.status === 'approved') thread.total += 1;
  addOwn(thread, sent);
}

/** What the form sends by. */
export function sending() {
  return { planFor, randomKey, refuse, sendingOf };
}
