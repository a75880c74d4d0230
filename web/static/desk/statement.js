// The statement of reasons for the author of a comment that was turned down: to copy, or to send with one's own mail.

import { dialog } from './dialog.js';
import { h } from './dom.js';

/** @import { Context, Item } from './types.js' */
/** @typedef {{subject: string, text: string, ground: string | null, reason: string | null, automated: boolean, decided_at: string | null, email: string | null, contact: string | null}} Statement */

/** @param {Context} ctx @param {Item} item */
export async function statementDialog(ctx, item) {
  /** @type {Statement} */
  const { subject, text, email } = await ctx.api.get(`/moderation/comments/${item.id}/statement`);
  const area = h('textarea', { class: 'input tall', id: 'statement-text', 'aria-label': 'Statement', value: text });
  const copy = async () => {
    await navigator.clipboard.writeText(`${subject}\n\n${area.value}`);
    ctx.toast('The statement is copied.');
  };
  const mail = () => `mailto:${encodeURIComponent(email ?? '').replace('%40', '@')}?${new URLSearchParams({ subject, body: area.value }).toString().replaceAll('+', '%20')}`;
  const link = email && h('a', { class: 'button primary', href: mail(), onclick: (/** @type {MouseEvent} */ event) => /** @type {HTMLAnchorElement} */ (event.currentTarget).setAttribute('href', mail()) }, 'Write a mail');
  dialog({
    title: 'Statement of reasons',
    wide: true,
    content: (close) => [
      h('p', null, h('span', { class: 'soft' }, 'To '), email ?? 'nobody: the author gave no address', h('br', null), h('span', { class: 'soft' }, 'Subject '), subject),
      area,
      h('p', { class: 'note' }, 'You can change the text before it goes out. Nothing is sent from here.'),
      h('p', { class: 'buttons' }, link, h('button', { type: 'button', class: email ? 'button' : 'button primary', onclick: () => void copy() }, 'Copy'), h('button', { type: 'button', class: 'button', onclick: () => close(null) }, 'Close')),
    ],
  });
}
