// A line of controls over a list, whose values stand in the address: it can be kept, sent on and gone back to.

import { h } from '../dom.js';
import { address } from '../routes.js';
import { input, select } from './forms.js';

/** @import { Child } from '../dom.js' */
/** @import { Context, Query, Route } from '../types.js' */
/** @import { Control, Options } from './forms.js' */

/**
 * @typedef {{name: string, label: string, options?: Options, groups?: Record<string, Record<string, string>>, kind?: 'text' | 'search' | 'date', hint?: string, list?: string, wide?: boolean}} Wish
 *   `options` or `groups` make it a list to choose from; `hint` is the placeholder, `list` the id of suggestions
 */

export class Filters {
  #ctx;
  #controls;
  #changed;
  element;

  /** @param {Context} ctx @param {(Wish | false)[]} wishes @param {() => void} changed told after the address has changed @param {Child} [more] */
  constructor(ctx, wishes, changed, more) {
    this.#ctx = ctx;
    this.#changed = changed;
    const wanted = wishes.filter((wish) => wish !== false);
    this.#controls = new Map(wanted.map((wish) => [wish.name, control(wish, ctx.query[wish.name] ?? '')]));
    const fields = wanted.map((wish) => h('label', { class: wish.wide ? 'small-field wide' : 'small-field' }, h('span', null, wish.label), this.#controls.get(wish.name)));
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#go();
    };
    const isTyped = wanted.some(({ options, groups }) => !options && !groups);
    this.element = h('form', { class: 'filter', role: 'search', onsubmit: submit, onchange: () => this.#go() }, fields, isTyped && h('button', { type: 'submit', class: 'unseen', tabindex: '-1' }, 'Filter'), more);
  }

  /** What is asked for, without what is empty. @returns {Query} */
  get query() {
    return this.#ctx.query;
  }

  /** Whether anything narrows the list. */
  get isNarrowed() {
    return [...this.#controls.keys()].some((name) => this.query[name]);
  }

  /** For the view's `update`: follows the address. @param {Route} route */
  update({ query }) {
    this.#ctx.query = query;
    for (const [name, control] of this.#controls) if (control.value !== (query[name] ?? '')) control.value = query[name] ?? '';
    this.#changed();
    return true;
  }

  /** Other values than those that stand there. @param {Query} values */
  set(values) {
    this.#ctx.navigate(address(this.#ctx.route, null, { ...this.query, ...values }));
  }

  #go() {
    const values = Object.fromEntries([...this.#controls].map(([name, control]) => [name, control.value.trim()]));
    const next = address(this.#ctx.route, null, { ...this.query, ...values });
    if (next !== address(this.#ctx.route, null, this.query)) this.#ctx.navigate(next);
  }
}

/** @param {Wish} wish @param {string} value @returns {Control} */
function control({ options, groups, kind = 'text', hint, list }, value) {
  if (options) return select(options, value);
  if (groups) return grouped(groups, value);
  return input({ type: kind, value, maxlength: kind === 'date' ? null : 200, placeholder: hint, list, autocapitalize: 'none', spellcheck: 'false' });
}

/** @param {Record<string, Record<string, string>>} groups by title; what stands under no title comes first @param {string} chosen */
function grouped(groups, chosen) {
  const made = select({}, '');
  for (const [title, options] of Object.entries(groups)) {
    const own = Object.entries(options).map(([value, label]) => h('option', { value, selected: value === chosen }, label));
    made.append(...(title ? [h('optgroup', { label: title }, own)] : own));
  }
  return made;
}

/** The sites to choose from, where there are several. @param {Context} ctx @returns {Wish | false} */
export function siteWish({ sites }) {
  return sites.length > 1 && { name: 'site', label: 'Site', options: { '': 'All sites', ...Object.fromEntries(sites.map((id) => [id, id])) } };
}

/** The start or end of a day in this place, as the server reads it; nothing for nothing. @param {string | undefined} day @param {'start' | 'end'} side */
export function ofDay(day, side) {
  const at = new Date(`${day}T${side === 'start' ? '00:00:00' : '23:59:59'}`);
  return day && !Number.isNaN(at.getTime()) ? at.toISOString() : '';
}
