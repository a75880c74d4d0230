// Putting a text where it can be pasted from, and texts that are shown this once.

import { dialog } from '../dialog.js';
import { freshId, h } from '../dom.js';

/** @import { Child } from '../dom.js' */

/** @param {string} text @returns {Promise<boolean>} whether it went there */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages without https have no clipboard of their own; the old way works there.
    return copyBySelection(text);
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const before = document.activeElement;
  const area = h('textarea', { class: 'unseen', 'aria-hidden': 'true', value: text });
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}

/** A button that copies, and says that it did. @param {() => string} text @param {string} label @param {string} [kind] */
export function copyButton(text, label, kind = 'button') {
  const button = h('button', { type: 'button', class: kind }, label);
  const told = h('span', { class: 'told', role: 'status' });
  button.addEventListener('click', async () => {
    told.textContent = '';
    told.textContent = (await copy(text())) ? 'Copied' : 'This browser does not copy: select it by hand.';
  });
  return [button, told];
}

/**
 * Shows what is told this once; goes away only by the button that says it was kept.
 * @param {{title: string, text: string, label: string, value: string, note?: Child}} options
 */
export function showOnce({ title, text, label, value, note }) {
  const id = freshId('once');
  const shown = h('input', { class: 'input code', id, readonly: true, value, autofocus: true, onfocus: () => shown.select() });
  return dialog({
    title,
    wide: true,
    closable: false,
    content: (close) => [
      h('p', null, text),
      h('div', { class: 'field' }, h('label', { for: id }, label), shown),
      h('p', { class: 'buttons' }, copyButton(() => value, 'Copy')),
      note && h('p', { class: 'note' }, note),
      h('p', { class: 'buttons' }, h('button', { type: 'button', class: 'button primary', onclick: () => close('kept') }, 'I have kept it')),
    ],
  }).closed;
}
