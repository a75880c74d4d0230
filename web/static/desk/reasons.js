// Why a comment is rejected: one of the site's reasons, words of one's own, or both. The last choice is offered first.

import { dialog } from './dialog.js';
import { h } from './dom.js';

/** @import { Context, Reason } from './types.js' */

const KEPT = 'replydesk.desk.reason';
/** The server keeps at most so many characters. */
const MOST = 500;

/** The configured reasons by site; a server without them takes words of one's own. @type {Map<string, Promise<Reason[]>>} */
const known = new Map();

/** @param {Context} ctx @param {string | null} site @returns {Promise<Reason[]>} */
function reasonsOf({ api }, site) {
  const key = site ?? '';
  const asked = known.get(key) ?? api.get('/moderation/reasons', { site }).then(({ items }) => items);
  known.set(key, asked);
  return asked.catch(() => {
    known.delete(key);
    return [];
  });
}

/** The reason, null for none; undefined where the person left. @param {Context} ctx @param {string} about @param {string | null} site @returns {Promise<string | null | undefined>} */
export async function askReason(ctx, about, site) {
  const reasons = await reasonsOf(ctx, site);
  const last = read();
  const own = h('textarea', { class: 'input short', id: 'reason-own', rows: 2, maxlength: MOST, value: reasons.some(({ label }) => label === last) ? '' : last });
  const offers = [...reasons.map(({ label, text }) => ({ label, text })), { label: '', text: '' }];
  const chosen = offers.findIndex(({ label }) => label === last);
  const radios = offers.map(({ label }, at) => h('input', { type: 'radio', name: 'reason', value: label, checked: at === (chosen < 0 ? offers.length - 1 : chosen) }));
  const picked = () => [radios.find(({ checked }) => checked)?.value ?? '', own.value.trim()].filter(Boolean).join(': ').slice(0, MOST);
  const { element, closed } = dialog({
    title: `Reject ${about}`,
    content: (close) => {
      const submit = (/** @type {Event} */ event) => {
        event.preventDefault();
        close(picked());
      };
      const line = (/** @type {{label: string, text: string}} */ { label, text }, /** @type {number} */ at) =>
        h('label', { class: 'choice', title: text }, radios[at], h('span', null, label || 'No reason from the list'), label && at < 9 && h('kbd', { 'aria-hidden': 'true' }, at + 1));
      return h(
        'form',
        { class: 'stack', onsubmit: submit },
        reasons.length > 0 && h('fieldset', null, h('legend', { class: 'unseen' }, 'Reason'), offers.map(line)),
        h('div', { class: 'field' }, h('label', { for: 'reason-own' }, reasons.length > 0 ? 'In your own words (optional)' : 'Reason (optional)'), own, h('p', { class: 'note' }, 'It is kept in the history; readers do not see it.')),
        h('p', { class: 'buttons' }, h('button', { type: 'submit', class: 'button primary' }, 'Reject'), h('button', { type: 'button', class: 'button', onclick: () => close(null) }, 'Cancel')),
      );
    },
  });
  const first = radios.find(({ checked }) => checked);
  (reasons.length > 0 ? first : own)?.focus();
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' && (event.target !== own || !event.shiftKey)) {
      if (event.target instanceof HTMLButtonElement) return;
      event.preventDefault();
      element.querySelector('form')?.requestSubmit();
    } else if (/^[1-9]$/.test(event.key) && event.target !== own) {
      const radio = radios[Number(event.key) - 1];
      if (!radio?.value) return;
      event.preventDefault();
      radio.checked = true;
      radio.focus();
    }
  });
  const answer = await closed;
  if (answer === null) return undefined;
  keep(radios.find(({ checked }) => checked)?.value || own.value.trim());
  return answer || null;
}

function read() {
  try {
    return localStorage.getItem(KEPT) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} reason */
function keep(reason) {
  try {
    localStorage.setItem(KEPT, reason);
  } catch {
    // The next time starts without it.
  }
}
