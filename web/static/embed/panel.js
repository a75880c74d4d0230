// A small form in a comment. What is typed in it is kept in the tab until it is sent or given up.

import { mayFocus } from './going.js';
import { redraw } from './late.js';

/**
 * @import { Item } from './comment.js'
 * @import { Thread } from './thread.js'
 */

/** @typedef {Record<string, {text: string, isOpen: boolean}>} Drafts by what is done and the comment's id */

const MOST_DRAFTS = 20;

/** @param {Thread} thread */
const keyOf = ({ desk }) => `panels:${desk.base.page}`;

/** @param {Thread} thread @returns {Drafts} */
const draftsOf = (thread) => thread.tools.inTab.read(keyOf(thread)) ?? {};

/** @param {Thread} thread @param {string} name @param {string} [text] forgotten where there is none @param {boolean} [isOpen] */
function keepDraft(thread, name, text, isOpen = true) {
  const { [name]: _, ...others } = draftsOf(thread);
  const all = Object.entries(text === undefined ? others : { ...others, [name]: { text, isOpen } });
  thread.tools.inTab.keep(keyOf(thread), all.length ? Object.fromEntries(all.slice(-MOST_DRAFTS)) : null);
}

/** The place of a comment as it is now: in another order it has another. @param {Thread} thread @param {Item} item */
export const itemNow = (thread, item) => thread.items.get(item.comment.id) ?? item;

/** Opens anew what was being written when the list was drawn, or the page loaded, again. @param {Thread} thread @param {(item: Item, act: string) => void} open */
export function reopen(thread, open) {
  for (const [name, draft] of Object.entries(draftsOf(thread))) {
    const [act, id] = name.split(':');
    const item = thread.items.get(id ?? '');
    if (draft?.isOpen && act && item && !item.article.querySelector('.panel')) open(item, act);
  }
}

/** The panel that is open in this comment, if it goes on; one for something else is closed. @param {Thread} thread @param {Item} item @param {string} act */
function openOne(thread, { article, comment }, act) {
  const open = /** @type {HTMLElement | null} */ (article.querySelector('.panel'));
  const isBusy = open?.querySelector('[aria-disabled=true]');
  if (open && (isBusy || open.dataset.kind === act)) return open;
  const name = `${open?.dataset.kind}:${comment.id}`;
  const draft = draftsOf(thread)[name];
  if (draft) keepDraft(thread, name, draft.text, false);
  open?.remove();
  return null;
}

/**
 * Opens it, with the focus in it. One at a time; Escape and its second button close it, and after Escape the words are still there.
 * @param {Thread} thread @param {Item} item @param {string} act what is done, whose button the focus comes back to
 * @param {object} wish
 * @param {string} wish.ask @param {string} wish.go what its first button says
 * @param {string} [wish.value] what stands in its field @param {number} [wish.most] characters; without, there is no field
 * @param {(text: string) => Promise<string | null>} wish.send says what went wrong, or null
 * @param {() => void} wish.done
 * @param {boolean} [isQuiet] the focus stays where it is
 */
export function openPanel(thread, item, act, { ask, go, value = '', most, send, done }, isQuiet) {
  const { h } = thread.tools;
  const { texts } = thread;
  const other = openOne(thread, item, act);
  if (other) return isQuiet || /** @type {HTMLElement} */ (other.querySelector('textarea, button')).focus();
  const id = `rd-panel-${item.comment.id}`;
  const name = `${act}:${item.comment.id}`;
  const field = most ? h('textarea', { id, part: 'input', rows: 4, maxlength: most, dir: 'auto', oninput: () => keepDraft(thread, name, field?.value) }) : null;
  const draft = draftsOf(thread)[name];
  if (field) field.value = draft?.text ?? value;
  if (draft) keepDraft(thread, name, draft.text);
  const fault = h('p', { class: 'fault', part: 'fault', role: 'alert' });
  const status = h('p', { class: 'status', part: 'status', role: 'status' });
  const first = h('button', { type: 'submit', class: 'button', part: 'button', 'aria-describedby': field ? null : id }, texts.say(go));
  let isBusy = false;
  const busy = (/** @type {boolean} */ is) => {
    isBusy = is;
    if (field) field.readOnly = is;
    for (const button of [first, cancel]) button.setAttribute('aria-disabled', String(is));
    status.textContent = is ? texts.say('form.sending') : '';
  };
  const close = (/** @type {string} */ kept = '') => {
    keepDraft(thread, name, kept && kept !== value ? kept : undefined, false);
    const isFree = mayFocus(thread, panel);
    const { article, comment } = itemNow(thread, item);
    panel.remove();
    article.querySelector('.panel')?.remove();
    if (thread.items.has(comment.id)) redraw(thread, comment);
    if (isFree) /** @type {HTMLElement} */ (article.querySelector(`[data-act=${act}]`) ?? article).focus({ preventScroll: true });
  };
  const onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (isBusy) return;
    busy(true);
    const wrong = await send(field?.value ?? '').catch(() => texts.say('act.failed'));
    busy(false);
    fault.textContent = wrong;
    if (wrong === null) {
      close();
      done();
    } else if (mayFocus(thread, panel)) (field ?? first).focus();
  };
  // A key that ends the composing of a letter is none of ours: some browsers call that key 229.
  const onkeydown = (/** @type {KeyboardEvent} */ { key, isComposing, keyCode }) => {
    if (key === 'Escape' && !isComposing && keyCode !== 229 && !isBusy) close(field?.value);
  };
  const cancel = h('button', { type: 'button', class: 'button quiet', part: 'button', onclick: () => isBusy || close() }, texts.say('act.cancel'));
  const asked = field ? [h('label', { for: id, part: 'label' }, texts.say(ask)), field] : h('p', { id }, texts.say(ask));
  const panel = h('form', { class: 'panel', part: 'form', novalidate: true, 'data-kind': act, onsubmit, onkeydown }, asked, fault, h('div', { class: 'send' }, first, cancel, status));
  item.article.append(panel);
  if (!isQuiet) (field ?? first).focus();
}
