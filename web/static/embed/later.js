// What the thread can do beyond being read: it comes when somebody acts, has written, or is near the comments. It imports
// nothing that element.js imports; what it builds with, the thread hands on.

import { like, report, share } from './acts.js';
import { listen, waitingOf } from './live.js';
import { addOwn, deleteOwn, editOwn, tend } from './own.js';

/**
 * @import { Item } from './comment.js'
 * @import { Own } from './own.js'
 * @import { Thread } from './thread.js'
 */

/** @type {Record<string, (thread: Thread, item: Item, from: HTMLElement) => unknown>} */
const DEEDS = { like, share, report, edit: editOwn, delete: deleteOwn };

/** What a button of a comment does. @param {Thread} thread @param {Item} item @param {HTMLElement} button */
export function act(thread, item, button) {
  return DEEDS[button.dataset.act ?? '']?.(thread, item, button);
}

/** Hears what happens on the page. @param {Thread} thread */
export function follow(thread) {
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
