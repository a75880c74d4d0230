// One comment as it is seen: who, when, what, and what one can do about it. Knows nothing of the others but whom it answers.

import { h } from './dom.js';
import { words } from './words.js';

/**
 * @typedef {{id: string, parent: string | null, depth: number, removed?: boolean, name: string, url: string | null, html: string,
 *   created_at: string, edited_at: string | null, likes: number, by_staff: boolean, typed?: string, waits?: boolean}} Comment
 *   as `GET /api/comments` tells it; one's own `waits` for an approval, and is shown as it was `typed` until the server has said more
 * @typedef {{comment: Comment, li: HTMLLIElement, article: HTMLElement, up?: Item, level: number,  replies?: HTMLOListElement, isLoaded?: boolean, isNew?: boolean}} Item
 *   a comment and its place; `level`: how deep it is indented; `isLoaded`: it came in the order of the whole, not from the stream
 * @typedef {{texts: import('./texts.js').Texts, full: Intl.DateTimeFormat, liked: Set<string>, canReply: (comment: Comment) => boolean}} View
 */

/** Draws what is known now; who stood on one of its buttons still does. @param {Item} item @param {View} view */
export function drawComment({ article, comment, isNew, up, level }, { texts, full, liked, canReply }) {
  const { id, name, url, likes, waits, removed } = comment;
  const say = (/** @type {string} */ key) => texts.say(key, { name, n: likes });
  const link = (/** @type {string} */ to, /** @type {string} */ kind, /** @type {any} */ inside) =>
    h('a', { class: kind, part: kind, href: `${location.href.split('#')[0]}#comment-${to}` }, inside);
  /** A time that is none is not shown. @param {string | null} iso @param {string} [text] */
  const time = (iso, text) => Date.parse(iso ?? '') > 0 && h('time', { datetime: iso, title: full.format(new Date(iso ?? '')) }, text ?? texts.moment(iso ?? ''));
  const act = (/** @type {string} */ key, /** @type {string} */ label, /** @type {object} */ more = {}, /** @type {any} */ ...count) =>
    h('button', { type: 'button', class: 'act', part: 'button', 'data-act': key, 'aria-label': label, ...more }, say(`act.${key}`), count);
  const like = say('act.like_of') + (likes ? `, ${say('act.likes')}` : '');
  const head = () =>
    h('header', { class: 'meta' },
      h('h3', { part: 'author', dir: 'auto' }, url ? h('a', { href: url, rel: 'nofollow ugc noopener' }, name) : name),
      comment.by_staff && h('span', { class: 'badge', part: 'badge' }, say('thread.staff')),
      link(id, 'date', time(comment.created_at)),
      time(comment.edited_at, say('thread.edited')),
      isNew && h('span', { class: 'fresh', part: 'badge' }, say('thread.new')));
  const held = article.querySelector(':focus')?.getAttribute('data-act');
  article.className = `comment ${removed ? 'removed' : ''} ${isNew ? 'new' : ''}`;
  article.replaceChildren(...[
    !removed && head(),
    // Where the indentation ends, words say who is answered.
    up?.level === level && up.comment.name && link(up.comment.id, 'to', texts.say('thread.answers', { name: up.comment.name })),
    (removed || waits) && h('p', { class: 'state' }, say(removed ? 'thread.removed' : 'thread.waiting')),
    comment.typed ? h('div', { class: 'words typed', part: 'words', dir: 'auto' }, comment.typed) : !removed && words(comment.html),
    !removed && !waits && h('div', { class: 'actions', part: 'actions' },
      act('like', like, { 'aria-pressed': String(liked.has(id)) }, likes > 0 && ` ${texts.number(likes)}`),
      canReply(comment) && act('reply', say('act.reply_to')), act('share', say('act.share_of')), act('report', say('act.report_of'))),
  ].filter((node) => node instanceof Node));
  if (held) /** @type {HTMLElement} */ (article.querySelector(`[data-act=${held}]`) ?? article).focus({ preventScroll: true });
}
