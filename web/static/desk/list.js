// The list beside the open comment: what it is a list of, the rows, what came since, what can be done with the
// chosen ones. Rows are changed in place, so that nothing jumps under the pointer and the focus stays.

import { inWords } from './api.js';
import { fill, h } from './dom.js';
import { address } from './routes.js';
import { row, signature } from './row.js';
import { plural } from './words.js';

/** @import { Model } from './model.js' */
/** @import { Child } from './dom.js' */
/** @import { Scope } from './routes.js' */
/** @import { Action, Context, Item } from './types.js' */

/**
 * @typedef {{
 *   head: Child, empty: string, me: string, showsStatus: boolean, href: (item: Item) => string,
 *   actions: readonly {action: Action, label: string}[],
 *   open: (item: Item) => void, decideChosen: (action: Action) => void, fresh: () => void,
 * }} ListOptions
 */

const ORDERS = { oldest: 'Oldest first', newest: 'Newest first', risk: 'Riskiest first' };
/** How far from its end the list is filled up. */
const AHEAD = '600px';
/** Before that, a sign of waiting would only flicker. */
const PATIENCE_MS = 150;

export class List {
  #model;
  #options;
  #rows = h('ul', { class: 'rows', 'aria-label': 'Comments' });
  #foot = h('div', { class: 'list-foot' });
  #fresh = h('button', { type: 'button', class: 'fresh', hidden: true });
  #bulk = h('div', { class: 'bulk', role: 'group', 'aria-label': 'Chosen comments', hidden: true });
  /** @type {Map<string, {element: HTMLLIElement, signature: string}>} */
  #shown = new Map();
  #footState = '';
  #bulkState = '';
  #waitTimer = 0;
  #waited = false;
  #observer;
  element;

  /** @param {Model} model @param {ListOptions} options */
  constructor(model, options) {
    this.#model = model;
    this.#options = options;
    this.#fresh.addEventListener('click', options.fresh);
    this.#rows.addEventListener('click', (event) => this.#click(event));
    this.#rows.addEventListener('keydown', (event) => this.#arrow(event));
    this.#observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && !model.error && void model.more(), { rootMargin: AHEAD });
    this.#observer.observe(this.#foot);
    this.element = h('section', { class: 'list', 'aria-label': 'List' }, h('header', { class: 'list-head' }, options.head), this.#bulk, h('div', { class: 'list-scroll', tabindex: '-1' }, this.#fresh, this.#rows, this.#foot));
  }

  dispose() {
    this.#observer.disconnect();
    clearTimeout(this.#waitTimer);
  }

  render() {
    this.#renderRows();
    this.#renderFoot();
    this.#renderBulk();
    const { fresh } = this.#model;
    this.#fresh.hidden = fresh === 0;
    if (fresh > 0) this.#fresh.textContent = `${fresh} new`;
  }

  /** The link of a row. @param {string} id */
  link(id) {
    return this.#shown.get(id)?.element.querySelector('a') ?? null;
  }

  /** Brings the open row into view, where it is not. */
  reveal() {
    const id = this.#model.open?.id;
    if (id) this.#shown.get(id)?.element.scrollIntoView({ block: 'nearest' });
  }

  /** Puts the focus where it is not lost: on the open row, else on the list. */
  focus() {
    const target = (this.#model.open && this.link(this.#model.open.id)) ?? this.#rows.querySelector('a') ?? this.element.querySelector('.list-scroll');
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
    this.reveal();
  }

  get hasFocus() {
    return this.element.contains(document.activeElement);
  }

  #renderRows() {
    const model = this.#model;
    const { me, showsStatus, href } = this.#options;
    const focused = document.activeElement instanceof Element ? document.activeElement.closest('li') : null;
    const onCheck = document.activeElement instanceof HTMLInputElement;
    // Those that are gone go first: a row that is moved past them would lose the focus.
    const kept = new Set(model.items.map(({ id }) => id));
    for (const [id, { element }] of this.#shown) {
      if (kept.has(id)) continue;
      element.remove();
      this.#shown.delete(id);
    }
    /** @type {Element | null} */
    let before = null;
    for (const item of model.items) {
      const state = { open: model.open?.id === item.id, chosen: model.chosen.has(item.id), settled: model.settled.get(item.id) ?? null, me, showsStatus, href: href(item) };
      const wanted = signature(item, state);
      const shown = this.#shown.get(item.id);
      const element = shown?.signature === wanted ? shown.element : row(item, state);
      if (shown && shown.element !== element) {
        shown.element.replaceWith(element);
        if (focused === shown.element) element.querySelector(onCheck ? 'input' : 'a')?.focus({ preventScroll: true });
      }
      const next = /** @type {Element | null} */ (before ? before.nextElementSibling : this.#rows.firstElementChild);
      if (next !== element) this.#rows.insertBefore(element, next);
      this.#shown.set(item.id, { element, signature: wanted });
      before = element;
    }
  }

  #renderFoot() {
    const { state, error, items, cursor } = this.#model;
    const loading = state === 'loading';
    if (loading && !this.#waitTimer) this.#waitTimer = window.setTimeout(() => this.#wait(), PATIENCE_MS);
    if (!loading) {
      clearTimeout(this.#waitTimer);
      this.#waitTimer = 0;
      this.#waited = false;
    }
    const now = error ? `error ${inWords(error)}` : loading ? `loading ${this.#waited} ${items.length > 0}` : `${cursor !== null} ${items.length > 0}`;
    if (now === this.#footState) return;
    this.#footState = now;
    this.#observer.unobserve(this.#foot);
    fill(this.#foot, this.#footOf(loading));
    this.#observer.observe(this.#foot);
  }

  /** @param {boolean} loading @returns {Child} */
  #footOf(loading) {
    const { error, items, cursor } = this.#model;
    if (error) {
      const again = () => void (items.length > 0 ? this.#model.more() : this.#model.load());
      return h('div', { class: 'list-end', role: 'alert' }, h('p', null, inWords(error)), h('button', { type: 'button', class: 'button', onclick: again }, 'Try again'));
    }
    if (loading) return this.#waited && (items.length > 0 ? h('p', { class: 'list-end soft' }, 'More are coming…') : skeleton());
    if (items.length === 0) return h('p', { class: 'list-end empty' }, this.#options.empty);
    return cursor && h('p', { class: 'list-end' }, h('button', { type: 'button', class: 'button small', onclick: () => void this.#model.more() }, 'Show more'));
  }

  #wait() {
    this.#waited = true;
    this.#renderFoot();
  }

  #renderBulk() {
    const choice = this.#model.choice;
    const copies = choice.reduce((sum, { cluster }) => sum + Math.max((cluster?.count ?? 1) - 1, 0), 0);
    const now = choice.length === 0 ? '' : `${plural(choice.length, 'row')} chosen${copies > 0 ? `, with ${plural(copies, 'near-copy', 'near-copies')}` : ''}`;
    if (now === this.#bulkState) return;
    const hadFocus = this.#bulk.contains(document.activeElement);
    this.#bulkState = now;
    this.#bulk.hidden = now === '';
    const { actions, decideChosen } = this.#options;
    const acts = actions.map(({ action, label }) => h('button', { type: 'button', class: 'button small', onclick: () => decideChosen(action) }, label));
    fill(this.#bulk, h('p', { role: 'status' }, now), h('p', { class: 'buttons' }, acts, h('button', { type: 'button', class: 'link', onclick: () => this.#model.chooseNone() }, 'None')));
    if (hadFocus && now === '') this.focus();
  }

  /** @param {MouseEvent} event */
  #click(event) {
    if (!(event.target instanceof Element)) return;
    const id = event.target.closest('li')?.dataset.id ?? '';
    const item = this.#model.find(id);
    if (!item) return;
    if (event.target instanceof HTMLInputElement) {
      this.#model.choose(id, event.shiftKey);
    } else if (event.target.closest('a') && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.#options.open(item);
    }
  }

  /** @param {KeyboardEvent} event */
  #arrow(event) {
    const step = event.key === 'ArrowDown' ? 'nextElementSibling' : event.key === 'ArrowUp' ? 'previousElementSibling' : null;
    if (!step || event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
    const link = event.target.closest('li')?.[step]?.querySelector('a');
    if (!link) return;
    event.preventDefault();
    link.focus();
  }
}

function skeleton() {
  const line = () => h('li', { class: 'row skeleton' }, h('span'), h('span'), h('span'));
  return h('ul', { class: 'rows', 'aria-label': 'One moment' }, Array.from({ length: 6 }, line));
}

/** The line over a list: in which order, of which site, all of it. @param {Context} ctx @param {Scope} scope @param {() => void} chooseAll */
export function controls(ctx, scope, chooseAll) {
  const go = (/** @type {string} */ name) => (/** @type {Event} */ event) => {
    const { open, ...query } = ctx.query;
    ctx.navigate(address(ctx.route, ctx.params.id, { ...query, [name]: /** @type {HTMLSelectElement} */ (event.target).value }));
  };
  const option = (/** @type {string} */ value, /** @type {string} */ label, /** @type {string} */ chosen) => h('option', { value, selected: value === chosen }, label);
  const order = h('select', { class: 'small', 'aria-label': 'Order', onchange: go('order') }, Object.entries(ORDERS).map(([value, label]) => option(value, label, scope.order)));
  const sites = ctx.sites.length > 1 && h('select', { class: 'small', 'aria-label': 'Site', onchange: go('site') }, option('', 'All sites', ctx.query.site ?? ''), ctx.sites.map((id) => option(id, id, ctx.query.site ?? '')));
  const { site, order: turned, open, ...narrower } = ctx.query;
  const narrowed = scope.title !== '' && Object.values(narrower).join(', ');
  return [
    h('p', { class: 'controls' }, order, sites, h('button', { type: 'button', class: 'link', onclick: chooseAll }, 'Choose all')),
    narrowed && h('p', { class: 'about' }, `Only ${narrowed}. `, h('a', { href: address(ctx.route) }, 'Show all')),
  ];
}
