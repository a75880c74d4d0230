// Short messages at the foot of the page, with what can be done about them. They wait while they are pointed at
// or have the focus, and say themselves to screen readers.

import { announce, h } from './dom.js';

/** @import { Offer, ToastOptions } from './types.js' */

const SHOWN_MS = 10_000;
const MOST = 2;

/** @type {Toast[]} */
const shown = [];
/** @type {HTMLElement | null} */
let place = null;

export class Toast {
  #timer = 0;
  #isOpen = true;
  #restMs;

  /** @param {string} text @param {ToastOptions} options */
  constructor(text, { actions = [], sticky = false, tone = 'plain' }) {
    this.#restMs = sticky ? 0 : SHOWN_MS;
    this.sticky = sticky;
    this.element = h(
      'div',
      { class: `toast ${tone}`, role: 'group', 'aria-label': text },
      h('p', null, text),
      actions.length > 0 && h('p', { class: 'toast-actions' }, actions.map((offer) => this.#button(offer))),
      h('button', { type: 'button', class: 'icon', 'aria-label': 'Dismiss', onclick: () => this.close() }, '✕'),
    );
    for (const hold of ['pointerenter', 'focusin']) this.element.addEventListener(hold, () => clearTimeout(this.#timer));
    for (const go of ['pointerleave', 'focusout']) this.element.addEventListener(go, () => this.#wait());
    announce([text, ...actions.map(({ label }) => label)].join('. '));
    this.#wait();
  }

  /** @param {Offer} offer */
  #button({ label, run }) {
    const act = () => {
      this.close();
      run();
    };
    return h('button', { type: 'button', class: 'link', onclick: act }, label);
  }

  #wait() {
    clearTimeout(this.#timer);
    if (this.#isOpen && this.#restMs > 0) this.#timer = window.setTimeout(() => this.close(), this.#restMs);
  }

  close() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#timer);
    const hadFocus = this.element.contains(document.activeElement);
    this.element.remove();
    shown.splice(shown.indexOf(this), 1);
    if (hadFocus) document.getElementById('main')?.focus();
  }
}

/** @param {string} text @param {ToastOptions} [options] */
export function toast(text, options = {}) {
  if (!place) {
    place = h('section', { class: 'toasts', 'aria-label': 'Messages' });
    document.body.append(place);
  }
  const made = new Toast(text, options);
  shown.push(made);
  place.append(made.element);
  const passing = shown.filter(({ sticky }) => !sticky);
  if (passing.length > MOST) passing[0]?.close();
  return made;
}
