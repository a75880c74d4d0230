// Questions and forms over the page, on the browser's own modal dialog: focus stays inside, Escape closes, and
// where the focus was it goes back to.

import { freshId, h } from './dom.js';

/** @import { Child } from './dom.js' */
/** @import { Question } from './types.js' */

/**
 * A modal dialog. `content` is given what closes it. `closed` comes true with what `close` was given, null where
 * the person left it. `keep` asks before what was typed is thrown away.
 * @template [T=string]
 * @param {{title: string, wide?: boolean, closable?: boolean, keep?: () => boolean,
 *   content: (close: (value: T | null) => void) => Child}} options
 * @returns {{element: HTMLDialogElement, closed: Promise<T | null>, close: (value: T | null) => void}}
 */
export function dialog({ title, wide = false, closable = true, keep, content }) {
  const id = freshId('dialog');
  const before = document.activeElement;
  const element = h('dialog', { class: wide ? 'dialog wide' : 'dialog', 'aria-labelledby': id });
  /** @type {T | null} */
  let answer = null;
  const close = (/** @type {T | null} */ value) => {
    answer = value;
    element.close();
  };
  const leave = () => {
    if (!closable || (keep?.() && !globalThis.confirm('Leave without keeping what you typed?'))) return;
    close(null);
  };
  element.append(
    h('header', { class: 'dialog-head' }, h('h2', { id }, title), closable && h('button', { type: 'button', class: 'icon', 'aria-label': 'Close', onclick: leave }, '✕')),
    h('div', { class: 'dialog-body' }, content(close)),
  );
  element.addEventListener('cancel', (event) => {
    event.preventDefault();
    leave();
  });
  // A browser takes a second Escape in a row for an order, whatever `cancel` says.
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    leave();
  });
  const closed = new Promise((/** @type {(value: T | null) => void} */ resolve) => {
    element.addEventListener('close', () => {
      element.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      resolve(answer);
    });
  });
  document.body.append(element);
  element.showModal();
  const first = element.querySelector('[autofocus]') ?? element.querySelector('.dialog-body :is(input, select, textarea, button, a[href])');
  if (first instanceof HTMLElement) first.focus();
  return { element, closed, close };
}

/** Asks; true where the person agrees. @param {Question} question @returns {Promise<boolean>} */
export async function confirm({ title, text, action, danger = false }) {
  const content = (/** @type {(value: string | null) => void} */ close) => [
    text && h('p', null, text),
    h(
      'p',
      { class: 'buttons' },
      h('button', { type: 'button', class: danger ? 'button danger' : 'button primary', autofocus: !danger, onclick: () => close('yes') }, action),
      h('button', { type: 'button', class: 'button', autofocus: danger, onclick: () => close(null) }, 'Cancel'),
    ),
  ];
  return (await dialog({ title, content }).closed) === 'yes';
}
