// One comment as it is seen: who, when, what, and what one can do about it. Knows nothing of the others but whom it answers.

import { h } from './dom.js';
import { outward, words } from './words.js';

/**
 * @typedef {{id: string, parent: string | null, depth: number, removed?: boolean, name: string, url: string | null, html: string,
 *   created_at: string, edited_at: string | null, likes: number, by_staff: boolean, approved_at?: string,
 *   typed?: string, waits?: boolean}} Comment
 *   as `GET /api/comments` tells it; one's own `waits` for an approval, and is shown as it was `typed` until the server has said more
 * @typedef {{comment: Comment, li: HTMLLIElement, article: HTMLElement, up?: Item, level: number, replies?: HTMLOListElement,
 *   isLoaded?: boolean, isNew?: boolean}} Item
 *   a comment and its place; `level`: how deep it is indented; `isLoaded`: it came in the order of the whole, not from the stream
 * @typedef {{texts: import('./texts.js').Texts, full: Intl.DateTimeFormat, liked: Set<string>, url: string,
 *   canReply: (comment: Comment) => boolean, frame?: HTMLElement}} View `url`: the article's; `frame`: what all comments have, to be copied, which is far quicker than to build it
 */

/** Draws what is known now; who stood on one of its buttons still does, and a panel stays as it is. @param {Item} item @param {View} view */
export function drawComment({ article, comment, isNew, up, level }, view) {
  const { id, name, url, likes, waits, removed } = comment;
  const { texts } = view;
  const say = (/** @type {string} */ key) => texts.say(key, { name, n: likes });
  const to = (/** @type {string} */ other) => `${view.url}#comment-${other}`;
  const badge = (/** @type {string} */ key) => h('span', { class: `badge ${key}`, part: 'badge' }, say(`thread.${key}`));
  /** A time that is none is not shown. @param {HTMLElement} node @param {string} iso @param {string} [text] */
  const time = (node, iso, text) => {
    const date = new Date(iso);
    if (Number.isNaN(+date)) return;
    node.setAttribute('datetime', iso);
    node.title = view.full.format(date);
    node.textContent = text ?? texts.moment(iso);
  };
  view.frame ??= h('div', null,
    h('header', { class: 'meta' }, h('h3', { part: 'author', dir: 'auto' }), h('a', { class: 'date', part: 'date', 'data-act': 'go' }, h('time', null))),
    h('div', { class: 'actions', part: 'actions' },
      ['like', 'reply', 'share', 'report'].map((act) => h('button', { type: 'button', class: 'act', part: 'button', 'data-act': act }, say(`act.${act}`)))));
  const [meta, actions] = /** @type {any} */ (view.frame.cloneNode(true)).children;
  const [author, date] = meta.children;
  const [like, reply, share, report] = actions.children;
  author.append(url ? outward(url, name) : name);
  if (comment.by_staff) date.before(badge('staff'));
  date.href = to(id);
  time(date.firstChild, comment.created_at);
  if (comment.edited_at) {
    const edited = h('time', null);
    time(edited, comment.edited_at, say('thread.edited'));
    meta.append(edited);
  }
  if (isNew) meta.append(badge('new'));
  like.ariaPressed = view.liked.has(id);
  like.ariaLabel = likes ? `${say('act.like_of')}, ${say('act.likes')}` : say('act.like_of');
  if (likes) like.append(` ${texts.number(likes)}`);
  if (!view.canReply(comment)) reply.remove();
  reply.ariaLabel = say('act.reply_to');
  share.ariaLabel = say('act.share_of');
  report.ariaLabel = say('act.report_of');
  const held = article.querySelector(':focus')?.getAttribute('data-act');
  article.className = `comment ${removed ? 'removed' : waits ? 'waiting' : ''} ${isNew ? 'new' : ''}`;
  for (const old of [...article.children]) old.matches('.panel') || old.remove();
  article.prepend(...[
    !removed && meta,
    // Where the indentation ends, words say who is answered.
    up?.level === level && up.comment.name && h('a', { class: 'to', 'data-act': 'go', href: to(up.comment.id) }, texts.say('thread.answers', { name: up.comment.name })),
    (removed || waits) && h('p', { class: 'state' }, say(removed ? 'thread.removed' : 'thread.waiting')),
    comment.typed ? h('div', { class: 'words typed', part: 'words', dir: 'auto' }, comment.typed) : !removed && words(comment.html),
    !removed && !waits && actions,
  ].filter((node) => node instanceof Node));
  if (held) /** @type {HTMLElement} */ (article.querySelector(`[data-act=${held}]`) ?? article).focus({ preventScroll: true });
}
