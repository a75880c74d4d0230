// The statement of reasons for the author of a comment that was turned down: to copy, or to send with one's own mail.

import { inWords } from './api.js';
import { dialog } from './dialog.js';
import { fill, freshId, h } from './dom.js';
import { reasonsOf } from './reasons.js';

/** @import { Context, Item } from './types.js' */
/** @typedef {{subject: string, text: string, ground: string | null, reason: string | null, automated: boolean, decided_at: string | null, email: string | null, contact: string | null}} Statement */

/** @param {Context} ctx @param {Item} item */
export async function statementDialog(ctx, item) {
  const ask = (/** @type {string} */ reason) => ctx.api.get(`/moderation/comments/${item.id}/statement`, { reason });
  /** @type {[Statement, import('./types.js').Reason[]]} */
  const [first, reasons] = await Promise.all([ask(''), reasonsOf(ctx, item.site)]);
  let statement = first;
  const area = h('textarea', { class: 'input tall', 'aria-label': 'Statement', value: first.text });
  const subject = h('span', null, first.subject);
  const fault = h('p', { class: 'fault', role: 'alert' });
  const mail = () => `mailto:${encodeURIComponent(statement.email ?? '').replace('%40', '@')}?subject=${encodeURIComponent(statement.subject)}&body=${encodeURIComponent(area.value.replaceAll('\n', '\r\n'))}`;
  const follow = (/** @type {Event} */ event) => /** @type {HTMLAnchorElement} */ (event.currentTarget).setAttribute('href', mail());
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(`${statement.subject}\n\n${area.value}`);
      ctx.toast('The statement is copied.');
    } catch {
      area.select();
      fill(fault, 'The browser does not let the desk copy. The text is selected: copy it by hand.');
    }
  };
  const other = async (/** @type {Event} */ event) => {
    fill(fault);
    try {
      statement = await ask(/** @type {HTMLSelectElement} */ (event.target).value);
      area.value = statement.text;
      subject.textContent = statement.subject;
    } catch (error) {
      fill(fault, inWords(error));
    }
  };
  const choice = h('select', { class: 'input', id: freshId('statement-reason'), onchange: other }, h('option', { value: '' }, 'As it was decided'), reasons.map(({ id, label }) => h('option', { value: id }, label)));
  dialog({
    title: 'Statement of reasons',
    wide: true,
    keep: () => area.value !== statement.text,
    content: (close) => [
      h('dl', { class: 'facts' }, h('div', null, h('dt', null, 'To'), h('dd', null, first.email ?? 'The author gave no address')), h('div', null, h('dt', null, 'Subject'), h('dd', null, subject))),
      reasons.length > 0 && h('div', { class: 'field' }, h('label', { for: choice.id }, 'Reason'), choice),
      area,
      h('p', { class: 'note' }, 'You can change the text before it goes out. Nothing is sent from here, and nothing about the decision changes.'),
      fault,
      h('p', { class: 'buttons' }, first.email && h('a', { class: 'button primary', href: mail(), onclick: follow }, 'Write a mail'), h('button', { type: 'button', class: first.email ? 'button' : 'button primary', onclick: copy }, 'Copy'), h('button', { type: 'button', class: 'button', onclick: () => close(null) }, 'Close')),
    ],
  });
}
