// A list that comes in stretches: on its way, there, empty, or not to be had, with a way to try again. Rows can be
// changed and taken away in place. Knows nothing of what a row is.

import { inWords } from '../api.js';
import { announce, fill, h } from '../dom.js';

/** @import { Child } from '../dom.js' */

/** Before that, a sign of waiting would only flicker. */
const PATIENCE_MS = 150;

/**
 * @template T
 * @typedef {{
 *   label: string, fetch: (cursor: string | null) => Promise<{items: T[], next_cursor: string | null}>,
 *   row: (item: T) => Child, key: (item: T) => string, empty: () => Child,
 * }} ListingOptions
 */

/** @template T */
export class Listing {
  #options;
  #rows;
  #foot = h('div', { class: 'entries-foot' });
  /** @type {Map<string, HTMLLIElement>} */
  #shown = new Map();
  /** @type {string | null} */
  #cursor = null;
  #turn = 0;
  element;

  /** @param {ListingOptions<T>} options */
  constructor(options) {
    this.#options = options;
    this.#rows = h('ul', { class: 'entries', 'aria-label': options.label });
    this.element = h('div', { class: 'listing' }, this.#rows, this.#foot);
  }

  /** From the start. What is shown stays until the new is there. */
  load() {
    return this.#take(null);
  }

  get size() {
    return this.#shown.size;
  }

  /** @param {string | null} cursor */
  async #take(cursor) {
    const turn = (this.#turn += 1);
    const timer = setTimeout(() => turn === this.#turn && this.#wait(), PATIENCE_MS);
    this.#rows.setAttribute('aria-busy', 'true');
    try {
      const { items, next_cursor: next } = await this.#options.fetch(cursor);
      if (turn === this.#turn) this.#put(items, next, cursor === null);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error, cursor);
    } finally {
      clearTimeout(timer);
      if (turn === this.#turn) this.#rows.removeAttribute('aria-busy');
    }
  }

  /** @param {T[]} items @param {string | null} next @param {boolean} isFirst */
  #put(items, next, isFirst) {
    const hadFocus = this.#foot.contains(document.activeElement);
    if (isFirst) {
      this.#rows.replaceChildren();
      this.#shown.clear();
    }
    const made = items.map((item) => this.#append(item));
    this.#cursor = next;
    this.#end();
    if (!isFirst && hadFocus) made[0]?.focus();
    if (!isFirst) announce(`${items.length} more.`);
  }

  /** @param {T} item */
  #append(item) {
    const made = this.#row(item);
    this.#rows.append(made);
    return made;
  }

  /** @param {T} item */
  #row(item) {
    const made = h('li', { class: 'entry', tabindex: '-1' }, this.#options.row(item));
    this.#shown.set(this.#options.key(item), made);
    return made;
  }

  /** The row as it is now; a control that had the focus has it again. @param {T} item */
  replace(item) {
    const old = this.#shown.get(this.#options.key(item));
    if (!old) return;
    const focused = focusables(old).indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const made = this.#row(item);
    old.replaceWith(made);
    if (focused >= 0) (focusables(made)[focused] ?? made).focus();
  }

  /** Takes a row away; the one behind it has the focus then. @param {T} item */
  remove(item) {
    const key = this.#options.key(item);
    const row = this.#shown.get(key);
    if (!row) return;
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.#shown.delete(key);
    this.#end();
    const place = next ?? this.#foot.querySelector('p');
    if (place instanceof HTMLElement) {
      place.tabIndex = -1;
      place.focus();
    }
  }

  #end() {
    const more = h('button', { type: 'button', class: 'button', onclick: () => void this.#take(this.#cursor) }, 'Show more');
    fill(this.#foot, this.#shown.size === 0 && !this.#cursor ? h('p', { class: 'empty' }, this.#options.empty()) : this.#cursor && h('p', null, more));
    this.#rows.hidden = this.#shown.size === 0;
  }

  #wait() {
    // The button that was pressed keeps the focus while more is on its way.
    const button = this.#foot.querySelector('button');
    if (button && this.#shown.size > 0) button.textContent = 'One moment…';
    else fill(this.#foot, h('p', { class: 'soft', role: 'status' }, 'One moment…'));
  }

  /** @param {unknown} error @param {string | null} cursor */
  #fail(error, cursor) {
    const again = h('button', { type: 'button', class: 'button', onclick: () => void this.#take(cursor) }, 'Try again');
    fill(this.#foot, h('div', { class: 'notice warn', role: 'alert' }, h('p', null, inWords(error)), again));
  }
}

/** @param {Element} element @returns {HTMLElement[]} */
function focusables(element) {
  return [...element.querySelectorAll('a[href], button, select, input, summary')].filter((one) => one instanceof HTMLElement);
}
