// The comments of a page as nested lists: where each stands, and what is said about the whole. What is loaded, stretch.js says.

import { drawComment } from './comment.js';
import { fire, h } from './dom.js';
import { inBrowser, inTab } from './kept.js';
import { PLACES } from './places.js';
import { loadStretch } from './stretch.js';
import { lastSeen } from './visit.js';

/**
 * @import { Api } from './api.js'
 * @import { Comment, Item } from './comment.js'
 * @import { CommentForm } from './form.js'
 * @import { Texts } from './texts.js'
 */

/**
 * @typedef {{host: HTMLElement, stop: AbortController, api: Api, texts: Texts, base: {page: string, sort: string, limit: number, with?: string}, depth: number,
 *   mostDeep: number, form: CommentForm | null}} Desk what the element knows; `base`: what is asked for; `depth`: how deep replies
 *   are indented; `mostDeep`: how deep they may go at all; `form`: none where nobody writes here
 */

export const ORDERS = ['oldest', 'newest', 'best'];

/** The true heights of what was drawn are worked out then. */
const MEASURE_MS = 300;

/** @type {any} */
const FIRST = { id: '', name: '', created_at: '2026-01-01T00:00:00Z', likes: 1, html: '<p>&amp;' };

/** When others could see it first, by the server's clock. @param {Comment} comment */
const cameAt = ({ approved_at, created_at }) => Date.parse(approved_at ?? created_at) || 0;

export class Thread {
  /** @type {Map<string, Item>} */
  items = new Map();
  total = 0;
  /** Grows whenever something else is asked for. */
  run = 0;
  /** @type {string | null} where the next stretch begins */
  cursor = null;
  /** @type {string | undefined} the comment that is shown with its surroundings */
  at;
  /** What the button behind the last does. */
  next = () => {};
  liked = new Set(inTab.read('liked'));
  heading = h('h2', { part: 'heading', tabindex: -1 });
  fault = h('p', { class: 'fault', part: 'fault' });
  status = h('p', { class: 'unseen', role: 'status' });
  /** What one's own comments have besides. @type {(item: Item) => void} */
  dress = () => {};
  /** What the scripts that come later build with. */
  tools = { cameAt, fire, h, inBrowser, inTab };
  /** Of the article. */
  url = '';

  /** @param {Desk} desk */
  constructor(desk) {
    const { texts, base } = desk;
    this.desk = desk;
    this.texts = texts;
    this.before = lastSeen(base.page, Date.now());
    this.full = new Intl.DateTimeFormat(texts.lang, { dateStyle: 'full', timeStyle: 'short' });
    this.since = this.#button('since', 'link');
    this.more = this.#button('more', 'button quiet');
    this.last = h('li', { class: 'more' }, this.fault, this.more);
    this.list = h('ol', { class: 'list', role: 'list' }, this.last);
    const option = (/** @type {string} */ key) => h('option', { value: key, selected: key === base.sort }, texts.say(`thread.${key}`));
    const order = h('select', { part: 'input', onchange: () => void this.load({ sort: order.value }) }, ORDERS.map(option));
    this.node = h('section', { class: 'thread', part: 'thread', onclick: this.#clicked },
      h('div', { class: 'head' }, this.heading, this.since, h('label', null, texts.say('thread.sort'), ' ', order)),
      this.list, this.status);
    // One that nobody sees, while the answer is on its way: the first always takes longest.
    drawComment({ article: h('article', null), comment: FIRST, li: h('li', null), level: 0 }, this);
    this.list.addEventListener('toggle', ({ target }) => this.#label(/** @type {HTMLElement} */ (target)), true);
  }

  /** @param {string} act @param {string} kind */
  #button(act, kind) {
    return h('button', { type: 'button', class: kind, part: 'button', 'data-act': act, hidden: true });
  }

  #clicked = (/** @type {any} */ event) => {
    const button = /** @type {HTMLElement | null} */ (event.target.closest('[data-act]'));
    if (!button) return;
    const { act } = button.dataset;
    const item = this.items.get(button.closest('article')?.id.slice(8) ?? '');
    if (act === 'more') this.next();
    else if (act === 'reply' && item) this.desk.form?.replyTo(item.comment, button);
    // A link to one of these goes there in place, unless it is wanted in another tab.
    else if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      void this.later((more) => more.act(this, item, button));
    }
  };

  /** Goes where the address leads. */
  follow() {
    const { hash } = location;
    if (hash.startsWith('#comment-')) void this.later((more) => more.follow(this, hash));
  }

  /** What takes scripts of its own, which come at the first need. @param {(more: typeof import('./later.js')) => unknown} use */
  later(use) {
    return import(PLACES.later).then(use).catch(() => this.announce(this.texts.say('act.failed')));
  }

  canReply = (/** @type {Comment} */ { depth }) => this.desk.form !== null && depth < this.desk.mostDeep;

  load = loadStretch.bind(null, this);

  /** To who does not see it. @param {string | null} text */
  announce(text) {
    this.status.textContent = text;
  }

  /** What stands behind the last. @param {string} key `loading`, `retry`, `more`, or nothing at the end @param {string} [fault] */
  tail(key, fault = '') {
    this.last.hidden = this.more.hidden = !key;
    this.more.textContent = key && this.texts.say(`thread.${key}`);
    this.more.setAttribute('aria-disabled', String(key === 'loading'));
    this.announce((this.fault.textContent = fault));
  }

  /** What a stretch brought. @param {{total: number, comments: Comment[], page: {url: string, closed: boolean}}} stretch @returns {Item[]} */
  fill({ total, comments, page }) {
    const { desk, list } = this;
    if (page.closed) {
      desk.form?.close();
      desk.form = null;
    }
    this.total = total;
    this.url = `${page.url}`.replace(/^(?!https?:)/, new URL(desk.base.page, location.href).origin);
    const placed = comments.map((comment) => {
      const item = this.draw(comment, cameAt(comment) > this.before);
      const home = this.homeOf(item);
      // What the stream or its author put here before may stand elsewhere.
      if (!item.isLoaded) home.insertBefore(item.li, home === list ? this.last : null);
      item.isLoaded = true;
      item.li.className = 'quick';
      return item;
    });
    this.settle();
    setTimeout(() => this.measure(), MEASURE_MS);
    if (inTab.read(`own:${desk.base.page}`)) void this.later((more) => more.seeToOwn(this));
    return placed;
  }

  /** Has the true heights worked out of what was drawn last. */
  measure() {
    for (const li of this.list.querySelectorAll('.quick')) li.className = '';
  }

  /** A comment as it is now; a new one has no place yet. @param {Comment} comment @param {boolean} [isNew] @returns {Item} */
  draw(comment, isNew) {
    const { id, parent } = comment;
    const up = this.items.get(parent ?? '');
    const article = h('article', { id: `comment-${id}`, tabindex: -1, part: 'comment' });
    const item = this.items.get(id) ?? { article, li: h('li', null, article), isNew };
    const drawn = Object.assign(item, { comment, up, level: up ? Math.min(up.level + 1, this.desk.depth) : 0 });
    this.items.set(id, drawn);
    drawComment(drawn, this);
    this.dress(drawn);
    return drawn;
  }

  /** The list that it belongs into. @param {Item} item @returns {Element} */
  homeOf({ up, level }) {
    if (!up) return this.list;
    if (up.level === level) return /** @type {Element} */ (up.li.parentElement);
    if (!up.replies) {
      up.replies = h('ol', { role: 'list' });
      up.li.append(h('details', { open: true }, h('summary', null), up.replies));
    }
    return up.replies;
  }

  /** @param {Element} fold */
  #label(fold) {
    const n = fold.querySelectorAll('article').length;
    const text = this.texts.say(fold.hasAttribute('open') ? 'thread.hide' : 'thread.show', { n });
    const label = /** @type {Element} */ (fold.firstElementChild);
    if (label.textContent !== text) label.textContent = text;
  }

  /** Those that came since the last visit. */
  news() {
    return [...this.items.values()].filter((item) => item.isNew && item.isLoaded);
  }

  /** Says how many there are, after something changed. */
  settle() {
    const { texts, total, since } = this;
    const n = this.news().length;
    since.hidden = n < 1;
    since.textContent = texts.say('thread.since', { n });
    this.heading.textContent = texts.say(total > 0 ? 'thread.count' : 'thread.none', { n: total });
    this.list.querySelectorAll('details').forEach((fold) => this.#label(fold));
  }
}
