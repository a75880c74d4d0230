// Why a comment is rejected: one of the site's reasons, or words of one's own. The last choice is offered first.

import { dialog } from './dialog.js';
import { freshId, h } from './dom.js';

/** @import { Context, Reason } from './types.js' */

const KEPT = 'replydesk.desk.reason';
/** The server keeps at most so many characters. */
const MOST = 500;

/** What a reason may rest on. @type {Record<string, string>} */
const GROUNDS = { law: 'Held to be unlawful', terms: 'Against the terms' };

/** The reasons by site; a server without them takes words of one's own. @type {Map<string, Promise<Reason[]>>} */
const known = new Map();

/** The reasons of a site to choose from. @param {Context} ctx @param {string | null} site @returns {Promise<Reason[]>} */
export function reasonsOf({ api }, site) {
  const key = site ?? '';
  const asked = known.get(key) ?? api.get('/moderation/reasons', { site }).then(({ items }) => items);
  known.set(key, asked);
  return asked.catch(() => {
    known.delete(key);
    return [];
  });
}

/** What a reason is called; words of one's own are what they say. @param {Context} ctx @param {string} site @param {string} reason */
export async function reasonInWords(ctx, site, reason) {
  return (await reasonsOf(ctx, site)).find(({ id }) => id === reason)?.label ?? `“${reason}”`;
}

/** The reason, null for none; undefined where the person left. @param {Context} ctx @param {string} about @param {string | null} site @returns {Promise<string | null | undefined>} */
export async function askReason(ctx, about, site) {
  const all = await reasonsOf(ctx, site);
  const grounds = [...new Set(all.map(({ ground }) => ground))];
  // In the order in which they are shown, which the digits follow.
  const reasons = grounds.flatMap((ground) => all.filter((reason) => reason.ground === ground));
  const last = read();
  const ownId = freshId('reason');
  const isListed = reasons.some(({ id }) => id === last);
  const own = h('textarea', { class: 'input short', id: ownId, rows: 2, maxlength: MOST, value: isListed ? '' : last, 'aria-label': 'In your own words' });
  const radio = (/** @type {string} */ value, /** @type {boolean} */ checked) => h('input', { type: 'radio', name: 'reason', value, checked });
  const listed = reasons.map(({ id }) => radio(id, id === last));
  const free = radio('', !isListed);
  const picked = () => listed.find(({ checked }) => checked)?.value ?? own.value.trim();
  own.addEventListener('input', () => void (free.checked = true));
  const { element, closed } = dialog({
    title: `Reject ${about}`,
    wide: reasons.length > 6,
    content: (close) => {
      const submit = (/** @type {Event} */ event) => {
        event.preventDefault();
        close(picked());
      };
      const line = (/** @type {Reason} */ { label, text }, /** @type {number} */ at) => h('label', { class: 'choice', title: text }, listed[at], h('span', null, label), at < 9 && h('kbd', { 'aria-hidden': 'true' }, at + 1));
      return h(
        'form',
        { class: 'stack', onsubmit: submit },
        grounds.map((ground) => {
          const lines = reasons.flatMap((reason, at) => (reason.ground === ground ? [line(reason, at)] : []));
          return h('fieldset', { class: 'reasons' }, h('legend', null, GROUNDS[ground ?? ''] ?? 'Other'), h('div', { class: 'columns' }, lines));
        }),
        reasons.length > 0 && h('label', { class: 'choice' }, free, h('span', null, 'In your own words, or none')),
        h('div', { class: 'field' }, reasons.length === 0 && h('label', { for: ownId }, 'Reason (optional)'), own, h('p', { class: 'note' }, 'Readers do not see it. The author may, in a statement of reasons.')),
        h('p', { class: 'buttons' }, h('button', { type: 'submit', class: 'button primary' }, 'Reject'), h('button', { type: 'button', class: 'button', onclick: () => close(null) }, 'Cancel')),
      );
    },
  });
  (reasons.length > 0 ? [...listed, free].find(({ checked }) => checked) : own)?.focus();
  element.addEventListener('keydown', (event) => press(event, element, own, listed));
  const answer = await closed;
  if (answer === null) return undefined;
  keep(answer);
  return answer || null;
}

/** A digit picks a reason, Enter confirms; in the text both are typed, but for Enter without Shift. @param {KeyboardEvent} event @param {HTMLElement} element @param {HTMLElement} own @param {readonly HTMLInputElement[]} listed */
function press(event, element, own, listed) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === 'Enter' && !event.shiftKey && !(event.target instanceof HTMLButtonElement)) {
    event.preventDefault();
    element.querySelector('form')?.requestSubmit();
  } else if (/^[1-9]$/.test(event.key) && event.target !== own) {
    const radio = listed[Number(event.key) - 1];
    if (!radio) return;
    event.preventDefault();
    radio.checked = true;
    radio.focus();
  }
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
