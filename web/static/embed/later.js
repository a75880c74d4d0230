// What the thread can do beyond being read: it comes when somebody acts, has written, or is near the comments. It imports
// nothing that element.js imports; what it builds with, the thread hands on.

import { like, report, share } from './acts.js';
import { planFor, randomKey, sendingOf } from './answers.js';
import { wishFor } from './counts.js';
import { goTo, reveal } from './going.js';
import { listen, waitingOf } from './live.js';
import { refuse } from './outcome.js';
import { addOwn, deleteOwn, editOwn, tend } from './own.js';

/**
 * @import { Item } from './comment.js'
 * @import { Own } from './own.js'
 * @import { Thread } from './thread.js'
 */

/** @type {Record<string, (thread: Thread, item: Item, from: HTMLElement) => unknown>} */
const DEEDS = { like, share, report, edit: editOwn, delete: deleteOwn };

/** What a button does. @param {Thread} thread @param {Item | undefined} item the comment it stands in @param {HTMLElement} button */
export function act(thread, item, button) {
  const name = button.dataset.act ?? '';
  if (item) return DEEDS[name]?.(thread, item, button);
  return name === 'since' && reveal(thread, thread.news()[0]?.comment.id);
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
  listen(thread);
}

/** Sees to what was sent from this tab before. @param {Thread} thread */
export function seeToOwn(thread) {
  tend(thread);
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
