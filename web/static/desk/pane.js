// The open comment: the bar of what can be done, which stays where it is from one comment to the next, so that the
// focus on it stays too, and under it everything about the comment. What takes a request of its own comes after.

import { inWords } from './api.js';
import { fill, h } from './dom.js';
import { evidence } from './evidence.js';
import { facts, heading, reports, words } from './item.js';
import { settledInWords } from './row.js';
import { COMMAND, count, LEADS_TO } from './words.js';

/** @import { Settled } from './model.js' */
/** @import { Child } from './dom.js' */
/** @import { Action, Context, Item } from './types.js' */

/**
 * @typedef {{
 *   decide: (action: Action) => void, decideAll: (action: Action) => void, reply: () => void, edit: () => void,
 *   ban: () => void, more: (from: HTMLElement) => void, back: () => void, refresh: () => void,
 * }} Acts
 * @typedef {{item: Item | null, settled: Settled | null, changed: boolean, isEmpty: boolean}} Shown
 */

/** @type {readonly {action: Action, key: string, kind: string}[]} */
const DECISIONS = [
  { action: 'approve', key: 'a', kind: 'primary' },
  { action: 'reject', key: 'r', kind: '' },
  { action: 'spam', key: 's', kind: 'warn' },
  { action: 'pending', key: '', kind: '' },
];

export class Pane {
  #acts;
  #me;
  #known;
  #buttons;
  #scroll = h('div', { class: 'pane-scroll' });
  #rest = h('div', { class: 'rest' });
  #compose = h('div', { class: 'compose', hidden: true });
  #state = '';
  /** @type {string | null} */
  #id = null;
  element;

  /** @param {Acts} acts @param {string} me @param {Pick<Context, 'sites' | 'origins'>} known */
  constructor(acts, me, known) {
    this.#acts = acts;
    this.#me = me;
    this.#known = known;
    this.#buttons = DECISIONS.map(({ action, key, kind }) => ({
      action,
      button: h('button', { type: 'button', class: `button ${kind}`, onclick: () => acts.decide(action) }, COMMAND[action], key && h('kbd', { 'aria-hidden': 'true' }, key)),
    }));
    const more = h('button', { type: 'button', class: 'button', 'aria-haspopup': 'dialog', 'aria-label': 'More', onclick: () => acts.more(more) }, '⋯');
    const others = [
      h('button', { type: 'button', class: 'button wide-only', onclick: acts.reply }, 'Reply'),
      h('button', { type: 'button', class: 'button wide-only', onclick: acts.edit }, 'Edit'),
      h('button', { type: 'button', class: 'button wide-only', onclick: acts.ban }, 'Ban'),
      more,
    ];
    const back = h('button', { type: 'button', class: 'button back', 'aria-label': 'Back to the list', onclick: acts.back }, '←');
    this.bar = h('div', { class: 'bar', role: 'group', 'aria-label': 'Decide' }, back, h('div', { class: 'bar-main' }, this.#buttons.map(({ button }) => button)), h('div', { class: 'bar-more' }, others));
    this.element = h('section', { class: 'pane', 'aria-label': 'Open comment' }, this.bar, this.#scroll);
  }

  get hasFocus() {
    return this.element.contains(document.activeElement);
  }

  /** To the heading, or what is said in place of a comment. */
  focus() {
    const title = this.#scroll.querySelector('h2');
    title?.focus({ preventScroll: true });
  }

  /** @param {Shown} shown */
  render(shown) {
    const { item, settled, changed, isEmpty } = shown;
    const state = item ? JSON.stringify([item.id, item.version, item.status, item.claimed_by, item.cluster?.count, settled, changed]) : `none ${isEmpty}`;
    if (state === this.#state) return;
    this.#state = state;
    this.bar.hidden = !item;
    for (const { action, button } of this.#buttons) button.hidden = !item || LEADS_TO[action] === item.status;
    const same = item?.id === this.#id;
    this.#id = item?.id ?? null;
    if (!item) return fill(this.#scroll, h('div', { class: 'nothing' }, h('h2', { tabindex: '-1' }, isEmpty ? 'Nothing to read' : 'Nothing is open'), h('p', null, isEmpty ? 'What the list holds opens here.' : 'Choose a comment from the list.')));
    if (!same) {
      fill(this.#rest);
      this.closeCompose();
    }
    const focus = document.activeElement;
    const isTyping = this.#compose.contains(focus);
    fill(
      this.#scroll,
      h(
        'article',
        { class: 'item', 'aria-labelledby': 'open-title' },
        h('div', { class: 'item-main' }, heading(item), this.#notices(shown, item), words(item), this.#compose, reports(item)),
        h('div', { class: 'item-side' }, facts(item, this.#known), evidence(item)),
        this.#rest,
      ),
    );
    if (!same) this.#scroll.scrollTop = 0;
    if (focus?.id === 'open-title') this.focus();
    // The form was taken out and put back, which ends its focus: what is typed next would be commands.
    if (isTyping && focus instanceof HTMLElement) focus.focus({ preventScroll: true });
  }

  /** What came of asking for the rest. @param {string} id @param {Child | null} rest @param {unknown} [error] */
  rest(id, rest, error) {
    if (id !== this.#id) return;
    if (rest) return fill(this.#rest, rest);
    const again = h('button', { type: 'button', class: 'button small', onclick: () => this.#acts.refresh() }, 'Try again');
    fill(this.#rest, h('div', { class: 'part', role: 'alert' }, h('p', null, `The thread and the history could not be loaded. ${inWords(error)}`), again));
  }

  /** A form under the text. @param {HTMLElement} form */
  compose(form) {
    fill(this.#compose, form);
    this.#compose.hidden = false;
    form.querySelector('textarea')?.focus();
    form.scrollIntoView({ block: 'nearest' });
  }

  get isComposing() {
    return !this.#compose.hidden;
  }

  closeCompose() {
    const hadFocus = this.#compose.contains(document.activeElement);
    this.#compose.hidden = true;
    fill(this.#compose);
    if (hadFocus) this.focus();
  }

  /** @param {Shown} shown @param {Item} item */
  #notices({ settled, changed }, item) {
    const others = item.cluster && item.cluster.count > 1 ? item.cluster : null;
    return [
      settled && h('p', { class: 'notice note', role: 'status' }, settledInWords(settled, this.#me), settled.status !== 'deleted' && '. You can still decide otherwise.'),
      changed && h('p', { class: 'notice warn', role: 'status' }, 'Its text was changed just now; this is the one before.', h('button', { type: 'button', class: 'button small', onclick: () => this.#acts.refresh() }, 'Show the new text')),
      item.claimed_by && item.claimed_by !== this.#me && h('p', { class: 'notice note', role: 'status' }, `${item.claimed_by} is looking at this comment, too.`),
      others && this.#copies(item, others),
    ];
  }

  /** @param {Item} item @param {{id: string, count: number}} cluster */
  #copies({ status }, { id, count: n }) {
    const all = /** @type {const} */ (['approve', 'reject', 'spam']).filter((action) => LEADS_TO[action] !== status);
    return h(
      'div',
      { class: 'notice', role: 'group', 'aria-label': 'Near-copies' },
      h('p', null, `One of ${count(n)} near-copies. `, h('a', { href: `#/cluster/${id}` }, 'Show them')),
      h('p', { class: 'buttons' }, all.map((action) => h('button', { type: 'button', class: 'button small', onclick: () => this.#acts.decideAll(action) }, `${COMMAND[action]} all ${count(n)}`))),
    );
  }
}
