// Builds the form that the widget shows. Its names and ids are those of the form that the server writes, so that one
// set of scripts serves both.

import { h } from './dom.js';

/**
 * @import { Api } from './api.js'
 * @import { Child, Props } from './dom.js'
 * @import { Texts } from './texts.js'
 */

/** @typedef {{lang: string, email: 'required' | 'optional', body_min: number, body_max: number, max_depth: number}} Rules of the page's site */

/**
 * The rules of the page's site; where they cannot be had, those that most sites have.
 * @param {Api} api @param {string} page @returns {Promise<Pick<Rules, 'email' | 'max_depth'>>}
 */
export async function loadRules(api, page) {
  const { status, body } = await api.get('api/form', { page });
  return status === 200 && body ? body : { email: 'required', max_depth: 5 };
}

/** @param {Texts} texts @param {Pick<Rules, 'email'>} rules @returns {HTMLFormElement} */
export function buildForm(texts, { email }) {
  const say = (/** @type {string} */ key) => texts.say(`form.${key}`);
  /** @param {'input' | 'textarea'} tag @param {string} name @param {boolean} required @param {Props} props @param {Child} [note] */
  const field = (tag, name, required, props, note) =>
    h(
      'div',
      { class: 'field', part: 'field' },
      h('label', { for: `rd-${name}`, part: 'label' }, say(name), !required && [' ', h('span', { class: 'optional' }, say('optional'))]),
      h(tag, { id: `rd-${name}`, name, required, part: 'input', 'aria-describedby': `rd-${name}-note rd-${name}-fault`, ...props }),
      h('p', { id: `rd-${name}-fault`, class: 'fault', part: 'fault', hidden: true }),
      note,
    );
  // Password managers fill whatever looks like a field; these marks keep them out of the one for machines.
  const nobody = { tabindex: -1, autocomplete: 'off', 'data-1p-ignore': true, 'data-lpignore': true, 'data-bwignore': true, 'data-form-type': 'other' };
  return h(
    'form',
    { class: 'form', part: 'form', novalidate: true, 'aria-labelledby': 'rd-title' },
    h('h2', { id: 'rd-title', part: 'heading', tabindex: -1 }, say('title')),
    h(
      'div',
      { id: 'rd-replying', class: 'replying', part: 'notice', hidden: true },
      h('p', { id: 'rd-body-note' }),
      h('button', { id: 'rd-cancel-reply', type: 'button', class: 'link' }, say('cancel_reply')),
      h('blockquote', { id: 'rd-answered', dir: 'auto' }),
    ),
    field('textarea', 'body', true, { rows: 6 }),
    h(
      'div',
      { class: 'pair' },
      field('input', 'name', true, { autocomplete: 'name' }),
      field('input', 'email', email === 'required', { type: 'email', autocomplete: 'email' }, h('p', { id: 'rd-email-note', class: 'hint' }, say('email_note'))),
    ),
    field('input', 'url', false, { type: 'url', autocomplete: 'url', placeholder: 'https://', dir: 'ltr' }),
    h('label', { class: 'remember' }, h('input', { type: 'checkbox', name: 'remember' }), say('remember')),
    h('div', { class: 'unseen', 'aria-hidden': 'true' }, h('label', null, say('empty'), h('input', { name: 'contact_ref', ...nobody }))),
    h('div', { id: 'rd-summary', part: 'notice', role: 'alert', hidden: true }),
    h(
      'div',
      { class: 'send' },
      h('button', { class: 'button', part: 'button', type: 'submit' }, say('send')),
      h('p', { id: 'rd-status', class: 'status', part: 'status', role: 'status' }),
    ),
  );
}
