// What the form says: its status line, its summary, the faults beside the fields. Everything is set
// as text; what a server says never becomes markup.

import { waitIn } from './answers.js';
import { h } from './dom.js';

/**
 * @import { Fault, Stopped } from './answers.js'
 * @import { Child } from './dom.js'
 * @import { Texts } from './texts.js'
 */

/** All but the last sentence, and the last. */
const LAST_SENTENCE = /^(.+[.!?。！؟]\s*)(\S.*)$/s;

export class Messages {
  #form;
  #texts;
  #timer = 0;
  /** What the status line says where there is nothing else to say. */
  standing = '';

  /** @param {HTMLFormElement} form @param {Texts} texts */
  constructor(form, texts) {
    this.#form = form;
    this.#texts = texts;
  }

  /** @param {string} text */
  status(text) {
    this.#part('status').textContent = text || this.standing;
  }

  /** The button stays where the focus is; it only says that it is at work. @param {boolean} isBusy */
  busy(isBusy) {
    this.#button.setAttribute('aria-disabled', String(isBusy));
  }

  clear() {
    clearInterval(this.#timer);
    // What is about to go takes no focus with it.
    if (this.#part('summary').matches(':focus-within')) this.#button.focus();
    this.notice(null);
    this.status('');
    for (const field of this.#form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
    for (const fault of this.#form.querySelectorAll('.fault')) put(fault, '');
  }

  /** A choice while something runs. @param {() => void} act */
  slow(act) {
    this.notice(this.say('slow'), this.#offer('review', act)).classList.add('calm');
  }

  /** Each beside its field, where there is one; the focus goes to the first. @param {{detail: string, faults: Fault[]}} plan */
  faults({ detail, faults }) {
    const elsewhere = faults.filter(({ field, message }) => {
      const place = this.#part(`${field}-fault`);
      if (place) put(place, message);
      if (place) this.#part(field).setAttribute('aria-invalid', 'true');
      return !place;
    });
    if (elsewhere.length > 0) this.notice(detail, h('ul', null, elsewhere.map(({ message }) => h('li', null, message)))).focus();
    /** @type {HTMLElement | null} */ (this.#form.querySelector('[aria-invalid]'))?.focus();
  }

  /** @param {Stopped} plan @param {() => void} act what is offered */
  stopped({ detail, says, reference, contact, wait, offer }, act) {
    const text = detail || this.say(says);
    const [, before, last] = LAST_SENTENCE.exec(text) ?? ['', `${text} `, this.say('contact')];
    this.notice(
      contact ? [before, h('a', { href: contact }, last)] : text,
      reference && h('p', null, this.say('reference', { reference })),
      wait && this.#countdown(wait),
      offer && this.#offer(offer, act),
    );
  }

  /** @param {{name: string} | null} target whom the comment answers, perhaps somebody without a name; null: it answers none */
  replyingTo(target) {
    const part = this.#part('replying');
    part.hidden = !target;
    const text = target ? this.say(target.name ? 'replying' : 'replying_unnamed', target) : '';
    put(/** @type {Element} */ (part.querySelector('p')), text);
  }

  /** In place of all fields. */
  closed() {
    const title = this.#part('title');
    const isHere = this.#form.matches(':focus-within');
    this.#form.replaceChildren(title, h('p', { part: 'notice' }, this.say('closed')));
    if (isHere) title.focus();
  }

  get #button() {
    return /** @type {HTMLElement} */ (this.#form.querySelector('.send button'));
  }

  /** @param {string} key @param {Record<string, any>} [values] */
  say(key, values) {
    return this.#texts.say(`form.${key}`, values);
  }

  /** @param {string} id @returns {HTMLElement} */
  #part(id) {
    return /** @type {HTMLElement} */ (this.#form.querySelector(`#rd-${CSS.escape(id)}`));
  }

  /** Above the button: its first line and the others; null shows none. @param {Child} line @param {...Child} more */
  notice(line, ...more) {
    const summary = this.#part('summary');
    summary.hidden = line === null;
    summary.classList.remove('calm');
    summary.tabIndex = -1;
    summary.replaceChildren(h('p', null, line), .../** @type {Node[]} */ (more.filter(Boolean)));
    summary.scrollIntoView({ block: 'nearest' });
    return summary;
  }

  /** @param {string} key @param {() => void} act */
  #offer(key, act) {
    return h('button', { type: 'button', class: 'button quiet', part: 'button', onclick: act }, this.say(key));
  }

  /** Told once to those who listen, kept up for those who look. @param {number} wait seconds */
  #countdown(wait) {
    const end = Date.now() + wait * 1000;
    const sentence = () => {
      const [key, n] = waitIn((end - Date.now()) / 1000);
      return this.say(key, { n });
    };
    const seen = h('span', { 'aria-hidden': 'true' }, sentence());
    const line = h('p', null, h('span', { class: 'unseen' }, sentence()), seen);
    this.#timer = setInterval(() => {
      if (end > Date.now()) return put(seen, sentence());
      clearInterval(this.#timer);
      line.remove();
      this.status(this.say('free'));
    }, 1000);
    return line;
  }
}

/** Text in a place that is seen only where there is some. @param {Element} place @param {string} text */
function put(place, text) {
  place.textContent = text;
  /** @type {HTMLElement} */ (place).hidden = !text;
}
