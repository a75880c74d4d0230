// What the form says: its status line, its summary, whom it answers. Everything is set as text. What an answer does to it,
// outcome.js says, which comes with the first sending.

import { h } from './dom.js';

/**
 * @import { Child } from './dom.js'
 * @import { Texts } from './texts.js'
 */

export class Messages {
  form;
  #texts;
  /** Of what is counted down. */
  timer = 0;
  /** What the status line says where there is nothing else to say. */
  standing = '';

  /** @param {HTMLFormElement} form @param {Texts} texts */
  constructor(form, texts) {
    this.form = form;
    this.#texts = texts;
  }

  /** @param {string} text */
  status(text) {
    this.part('status').textContent = text || this.standing;
  }

  /** The button stays where the focus is; it only says that it is at work. @param {boolean} isBusy */
  busy(isBusy) {
    this.#button.setAttribute('aria-disabled', String(isBusy));
  }

  clear() {
    clearInterval(this.timer);
    // What is about to go takes no focus with it.
    if (this.part('summary').matches(':focus-within')) this.#button.focus();
    this.notice(null);
    this.status('');
    for (const field of this.form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
    for (const fault of this.form.querySelectorAll('.fault')) put(fault, '');
  }

  /** A choice while something runs. @param {() => void} act */
  slow(act) {
    this.notice(this.say('slow'), this.offer('review', act)).classList.add('calm');
  }

  /** @param {{name: string, words?: string} | null} target whom the comment answers, perhaps somebody without a name; null: it answers none */
  replyingTo(target) {
    const [part, answered] = [this.part('replying'), this.part('answered')];
    // Not in the form that the server writes.
    if (answered) put(answered, target?.words ?? '');
    part.hidden = !target;
    const text = target ? this.say(target.name ? 'replying' : 'replying_unnamed', target) : '';
    put(/** @type {Element} */ (part.querySelector('p')), text);
  }

  /** In place of all fields. */
  closed() {
    clearInterval(this.timer);
    const title = this.part('title');
    const isHere = this.form.matches(':focus-within');
    this.form.replaceChildren(title, h('p', { part: 'notice' }, this.say('closed')));
    if (isHere) title.focus();
  }

  get #button() {
    return /** @type {HTMLElement} */ (this.form.querySelector('.send button'));
  }

  /** @param {string} key @param {Record<string, any>} [values] */
  say(key, values) {
    return this.#texts.say(`form.${key}`, values);
  }

  /** @param {string} id @returns {HTMLElement} */
  part(id) {
    return /** @type {HTMLElement} */ (this.form.querySelector(`#rd-${CSS.escape(id)}`));
  }

  /** Above the button: its first line and the others; null shows none. @param {Child} line @param {...Child} more */
  notice(line, ...more) {
    const summary = this.part('summary');
    summary.hidden = line === null;
    summary.classList.remove('calm');
    summary.tabIndex = -1;
    summary.replaceChildren(h('p', null, line), .../** @type {Node[]} */ (more.filter(Boolean)));
    summary.scrollIntoView({ block: 'nearest' });
    return summary;
  }

  /** @param {string} key @param {() => void} act */
  offer(key, act) {
    return h('button', { type: 'button', class: 'button quiet', part: 'button', onclick: act }, this.say(key));
  }
}

/** Text in a place that is seen only where there is some. @param {Element} place @param {string} text */
function put(place, text) {
  place.textContent = text;
  /** @type {HTMLElement} */ (place).hidden = !text;
}
