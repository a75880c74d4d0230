// Forms that send: fields with a label and a note, and what was refused said at the field where it is at fault.

import { inWords, Problem } from '../api.js';
import { freshId, h } from '../dom.js';

/** @import { Child } from '../dom.js' */
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */
/** @typedef {{element: HTMLElement, control: Control, fault: HTMLElement}} Field */
/** @typedef {Record<string, unknown>} Props */

/** @param {Props} props */
export const input = (props) => h('input', { class: 'input', id: freshId('input'), ...props });

/** @typedef {Record<string, string> | [string, string][]} Options value and label; pairs where values are numbers, which objects put in an order of their own */

/** @param {Options} options @param {string} chosen @param {Props} [props] */
export function select(options, chosen, props = {}) {
  const made = (Array.isArray(options) ? options : Object.entries(options)).map(([value, label]) => h('option', { value, selected: value === chosen }, label));
  return h('select', { class: 'input', id: freshId('select'), ...props }, made);
}

/** @param {string} label @param {Control} control @param {Child} [note] @returns {Field} */
export function field(label, control, note) {
  const id = control.id;
  const fault = h('p', { class: 'fault', id: `${id}-fault`, hidden: true });
  control.setAttribute('aria-describedby', note ? `${id}-fault ${id}-note` : `${id}-fault`);
  const element = h('div', { class: 'field' }, h('label', { for: id }, label), control, fault, note && h('p', { class: 'note', id: `${id}-note` }, note));
  return { element, control, fault };
}

/**
 * Radio buttons or boxes under one question. @param {string} label @param {Child} choices @param {Child} [note]
 */
export function group(label, choices, note) {
  return h('fieldset', { class: 'field' }, h('legend', null, label), h('div', null, choices), note && h('p', { class: 'note' }, note));
}

/** @param {'radio' | 'checkbox'} type @param {Props} props @param {Child} label @param {Child} [note] */
export function choice(type, props, label, note) {
  const control = h('input', { type, ...props });
  return { control, element: h('label', { class: 'choice' }, control, h('span', null, label, note && h('span', { class: 'note' }, ' ', note))) };
}

/**
 * A form that sends once at a time and keeps what was typed when that fails.
 * @param {{label: string, send: () => Promise<unknown>, fields?: Record<string, Field>, danger?: boolean, more?: Child}} options
 *   `fields` by the names that the server knows them under; `more` stands beside the button
 * @param {...Child} content
 */
export function form({ label, send, fields = {}, danger = false, more }, ...content) {
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true });
  const button = h('button', { type: 'submit', class: danger ? 'button danger' : 'button primary' }, label);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    say(fields, fault, null);
    try {
      await send();
    } catch (error) {
      say(fields, fault, error);
    } finally {
      button.disabled = false;
    }
  };
  return h('form', { class: 'stack', method: 'post', onsubmit: submit }, content, fault, h('p', { class: 'buttons' }, button, more));
}

/** Each fault at its field, what belongs to none below. @param {Record<string, Field>} fields @param {HTMLElement} below @param {unknown} error */
function say(fields, below, error) {
  const faults = error instanceof Problem ? error.errors : [];
  for (const [name, { control, fault }] of Object.entries(fields)) {
    const own = faults.filter((one) => one.field === name).map(({ message }) => message).join(' ');
    fault.textContent = own;
    fault.hidden = own === '';
    if (own) control.setAttribute('aria-invalid', 'true');
    else control.removeAttribute('aria-invalid');
  }
  const rest = faults.filter(({ field }) => !Object.hasOwn(fields, field));
  const wait = error instanceof Problem && error.retryAfter ? ` Try again in ${Math.ceil(error.retryAfter / 60)} min.` : '';
  const told = error === null ? '' : rest.length > 0 ? rest.map(({ message }) => message).join(' ') : faults.length > 0 ? '' : inWords(error) + wait;
  below.textContent = told;
  below.hidden = told === '';
  Object.values(fields).find(({ fault }) => !fault.hidden)?.control.focus();
}
