// What the form says: its status line, its summary, the faults beside the fields. Everything is set
// as text; what a server says never becomes markup.

import { TEXTS, followable, waitSentence } from './answers.js';
import { element } from './thread.js';

/** @import { Fault, Plan } from './answers.js' */

export class Messages {
  #form;
  #timer = 0;
  #standing = '';

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
  }

  /** @param {string} text */
  status(text) {
    this.#part('status').textContent = text || this.#standing;
  }

  /** What the status line says where there is nothing else to say. @param {string} text */
  standing(text) {
    const line = this.#part('status');
    if (line.textContent === this.#standing) line.textContent = text;
    this.#standing = text;
  }

  /** The button stays where the focus is; it only says that it is at work. @param {boolean} isBusy */
  busy(isBusy) {
    for (const button of this.#form.querySelectorAll('.send button')) {
      button.setAttribute('aria-disabled', String(isBusy));
    }
  }

  clear() {
    clearTimeout(this.#timer);
    this.#part('summary').hidden = true;
    this.#part('summary').replaceChildren();
    this.#part('summary').classList.remove('calm');
    this.status('');
    for (const field of this.#form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
    for (const fault of this.#form.querySelectorAll('.fault')) {
      fault.textContent = '';
      /** @type {HTMLElement} */ (fault).hidden = true;
    }
    document.querySelector('main > .sheet > .summary')?.remove();
  }

  /** A choice while something runs. @param {string} text @param {string} label @param {() => void} act */
  offer(text, label, act) {
    this.#say(element('p', '', text), actions(button(label, act)));
    this.#part('summary').classList.add('calm');
  }

  /** @param {{detail: string, faults: Fault[]}} refused */
  faults({ detail, faults }) {
    const elsewhere = faults.filter(({ field, message }) => !this.#mark(field, message));
    if (elsewhere.length > 0) {
      const list = element('ul', '');
      list.append(...elsewhere.map(({ message }) => element('li', '', message)));
      this.#say(element('p', '', detail), list);
    }
    const first = this.#form.querySelector('[aria-invalid="true"]') ?? this.#part('summary');
    /** @type {HTMLElement} */ (first).focus();
  }

  /** @param {Extract<Plan, {kind: 'stopped'}>} plan @param {() => void} retry @param {() => void} review */
  stopped(plan, retry, review) {
    const lines = [detail(plan)];
    if (plan.reference) lines.push(element('p', '', `Reference: ${plan.reference}`));
    if (plan.wait) lines.push(element('p', '', waitSentence(plan.wait)));
    const offers = [];
    if (plan.review) offers.push(button(TEXTS.review, review));
    else if (plan.retry) offers.push(button(TEXTS.retry, retry));
    if (offers.length > 0) lines.push(actions(...offers));
    this.#say(...lines);
    if (plan.wait) this.#timer = setTimeout(() => this.status(TEXTS.free), plan.wait * 1000);
  }

  /** On a page that is only the form: it has done its work, and the page says so. @param {string} message */
  finished(message) {
    const sheet = this.#form.closest('.sheet') ?? this.#form;
    const told = element('h1', '', message);
    told.tabIndex = -1;
    const back = sheet.querySelector('.kept a');
    if (back) back.textContent = 'Back to the article';
    sheet.replaceChildren(told, ...(back ? [back] : []));
    document.title = message;
    told.focus();
  }

  /** @param {string | null} name none: the form is for a comment of its own */
  replyingTo(name) {
    this.#part('replying').hidden = name === null;
    this.#part('replying-name').textContent = name ?? '';
  }

  /** @param {string} id @returns {HTMLElement} */
  #part(id) {
    return this.#form.querySelector(`#rd-${id}`) ?? element('div', '');
  }

  /** Whether the form shows the field. @param {string} name @param {string} message */
  #mark(name, message) {
    const field = this.#form.querySelector(`#rd-${CSS.escape(name)}`);
    const place = this.#form.querySelector(`#rd-${CSS.escape(name)}-fault`);
    if (!field || !place) return false;
    field.setAttribute('aria-invalid', 'true');
    place.textContent = message;
    /** @type {HTMLElement} */ (place).hidden = false;
    return true;
  }

  /** @param {...HTMLElement} lines */
  #say(...lines) {
    const summary = this.#part('summary');
    summary.tabIndex = -1;
    summary.hidden = false;
    summary.replaceChildren(...lines);
    summary.scrollIntoView({ block: 'nearest' });
  }
}

/** The sentence; its last part leads to the contact, where the site names one. @param {Extract<Plan, {kind: 'stopped'}>} plan */
function detail({ detail: text, contact }) {
  const line = element('p', '');
  const address = followable(contact);
  const cut = text.lastIndexOf('. ');
  if (!address) {
    line.textContent = text;
    return line;
  }
  const link = /** @type {HTMLAnchorElement} */ (element('a', '', cut < 0 ? 'Contact us' : text.slice(cut + 2)));
  link.href = address;
  line.append(cut < 0 ? `${text} ` : text.slice(0, cut + 2), link);
  return line;
}

/** @param {string} label @param {() => void} act */
function button(label, act) {
  const made = element('button', 'button quiet', label);
  made.setAttribute('type', 'button');
  made.addEventListener('click', act);
  return made;
}

/** @param {...HTMLElement} buttons */
function actions(...buttons) {
  const line = element('p', 'offers');
  line.append(...buttons);
  return line;
}
