// What every reader can do with a comment: like it, pass it on, report it.

import { faultOf, redraw, tell, tellFault } from './late.js';
import { itemNow, openPanel } from './panel.js';

/**
 * @import { Item } from './comment.js'
 * @import { Thread } from './thread.js'
 */

const MOST_LIKED = 500;
const LONGEST_REASON = 500;

/** @type {WeakSet<Item>} whose like is on its way */
const underWay = new WeakSet();

/** Shown at once, and taken back where the server refuses. @param {Thread} thread @param {Item} item */
export async function like(thread, item) {
  if (underWay.has(item)) return;
  underWay.add(item);
  const { liked, desk, tools } = thread;
  const { id, likes } = item.comment;
  const isLiked = liked.has(id);
  const show = (/** @type {boolean} */ is, /** @type {number} */ n) => {
    liked[is ? 'add' : 'delete'](id);
    item.comment.likes = n;
    redraw(thread, item.comment);
  };
  show(!isLiked, Math.max(0, likes + (isLiked ? -1 : 1)));
  const path = `api/comments/${id}/likes`;
  const answer = await (isLiked ? desk.api.delete(path) : desk.api.post(path));
  underWay.delete(item);
  if (answer.status !== 200 || !answer.body) {
    show(isLiked, likes);
    return tellFault(thread, item, answer);
  }
  show(!isLiked, answer.body.likes);
  tools.inTab.keep('liked', [...liked].slice(-MOST_LIKED));
}

/** By the device's own means where it is touched, else to the clipboard, else to be copied by hand. @param {Thread} thread @param {Item} item */
export async function share(thread, item) {
  const url = /** @type {HTMLAnchorElement} */ (item.article.querySelector('a.date')).href;
  if (navigator.share && matchMedia('(pointer: coarse)').matches) return navigator.share({ url }).catch(() => {});
  try {
    await navigator.clipboard.writeText(url);
    tell(thread, item, 'act.copied');
  } catch {
    const field = thread.tools.h('input', { class: 'said', part: 'input', readonly: true, value: url, 'aria-label': thread.texts.say('act.share') });
    item.article.querySelector('.said')?.remove();
    item.article.append(field);
    field.select();
  }
}

/** @param {Thread} thread @param {Item} item @param {string} deed @param {boolean} [isQuiet] */
export function report(thread, item, deed, isQuiet) {
  openPanel(thread, item, deed, {
    ask: 'act.report_why',
    go: 'act.report_send',
    most: LONGEST_REASON,
    send: async (reason) => {
      const answer = await thread.desk.api.post(`api/comments/${item.comment.id}/reports`, { reason });
      return answer.status === 200 && answer.body ? null : faultOf(thread, answer);
    },
    done: () => tell(thread, itemNow(thread, item), 'act.reported'),
  }, isQuiet);
}
