// What the things that come later share: the place of a comment that does not come in order, and a sentence below a comment.

/**
 * @import { Answer } from './api.js'
 * @import { Comment, Item } from './comment.js'
 * @import { Thread } from './thread.js'
 */

/** Below a comment, and said aloud. @param {Thread} thread @param {Item} item @param {string} key */
export function tell(thread, item, key) {
  say(thread, item, thread.texts.say(key));
}

/** What a refusal says, or that there was no answer. @param {Thread} thread @param {Item} item @param {Answer} answer */
export function tellFault(thread, item, answer) {
  say(thread, item, faultOf(thread, answer));
}

/** @param {Thread} thread @param {Answer} answer @returns {string} */
export function faultOf({ texts }, { body }) {
  return body?.errors?.[0]?.message || body?.detail || texts.say('act.failed');
}

/** @param {Thread} thread @param {Item} item @param {string} text */
function say(thread, { article }, text) {
  article.querySelector('.said')?.remove();
  article.append(thread.tools.h('p', { class: 'said', part: 'notice' }, text));
  thread.announce(text);
}

/** Draws a comment anew; one that is marked stays so. @param {Thread} thread @param {Comment} comment @param {boolean} [isNew] */
export function redraw(thread, comment, isNew) {
  const isMarked = thread.items.get(comment.id)?.article.matches('.marked') ?? false;
  const item = thread.draw(comment, isNew);
  item.article.classList.toggle('marked', isMarked);
  return item;
}

/** Puts a comment where readers would look for it, and leaves all others where they are. @param {Thread} thread @param {Comment} comment */
export function putLate(thread, comment) {
  const item = redraw(thread, comment, !comment.waits);
  // Under who writes in it nothing moves.
  if (item.isLoaded || (item.li.isConnected && item.article.querySelector('.panel'))) return item;
  const { list, items } = thread;
  const { up, level, li } = item;
  const home = thread.homeOf(item);
  /** @type {Element | null} */
  let before = null;
  if (!up && thread.desk.base.sort === 'newest') before = list.firstElementChild;
  if (up?.level === level) {
    // Behind all that answers the same comment, which stands deeper.
    const depthOf = (/** @type {Element} */ other) => items.get(other.firstElementChild?.id.slice(8) ?? '')?.comment.depth ?? 0;
    before = up.li.nextElementSibling;
    while (before && before !== li && depthOf(before) > up.comment.depth) before = before.nextElementSibling;
  }
  if (before !== li && (li.parentElement !== home || li.nextElementSibling !== before)) home.insertBefore(li, before);
  return item;
}

/** A comment as it is now; while its reader writes in a form of it, nothing moves. @param {Thread} thread @param {Item} item @param {Comment} comment */
export function change(thread, item, comment) {
  if (item.article.querySelector('.panel')) item.comment = comment;
  else redraw(thread, comment);
}
