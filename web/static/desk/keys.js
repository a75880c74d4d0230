// The keyboard: one map of what each key does at the moment. Single keys never act while somebody types, with a
// modifier, or where they were switched off (WCAG 2.1.4).

/** @import { Binding } from './types.js' */

const KEPT = 'replydesk.desk.keys';
/** How long a first key such as `g` waits for its second. */
const SECOND_KEY_MS = 1500;
/** Keys that act although single keys are switched off: they are no characters. */
const ALWAYS = new Set(['Escape']);

/** The names of keys as the help shows them. @type {Record<string, string>} */
const NAMES = { ArrowDown: '↓', ArrowUp: '↑', Enter: 'Enter', Escape: 'Esc', ' ': 'Space' };
/** @param {string} keys */
export const keyNames = (keys) => keys.split(' ').map((key) => NAMES[key] ?? (/^[A-Z]$/.test(key) ? `Shift ${key.toLowerCase()}` : key));

/** @typedef {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} Press */

/** Which binding a press means. Pure, but for the key it waits with. */
export class Reader {
  #first = '';
  #firstAt = 0;

  /**
   * @param {Press} press @param {{typing: boolean, on: boolean, now: number}} state
   * @param {readonly Binding[]} bindings earlier ones go before
   * @returns {Binding | null}
   */
  read({ key, ctrlKey, metaKey, altKey }, { typing, on, now }, bindings) {
    const isAlways = ALWAYS.has(key);
    if (ctrlKey || metaKey || altKey || (!isAlways && (typing || !on))) return null;
    const first = now - this.#firstAt < SECOND_KEY_MS ? this.#first : '';
    this.#first = '';
    const able = bindings.filter(({ when }) => when?.() ?? true);
    const meant = (/** @type {string} */ pressed) => able.find(({ keys }) => keys.includes(pressed));
    const found = (first && meant(`${first} ${key}`)) || (!first && meant(key));
    if (found) return found;
    if (able.some(({ keys }) => keys.some((keys) => keys.startsWith(`${key} `)))) {
      this.#first = key;
      this.#firstAt = now;
    }
    return null;
  }
}

/** Whether single keys are switched on here; kept in this browser. */
export function areKeysOn() {
  try {
    return localStorage.getItem(KEPT) !== 'off';
  } catch {
    return true;
  }
}

/** @param {boolean} on */
export function switchKeys(on) {
  try {
    if (on) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, 'off');
  } catch {
    // Without storage it holds until the page is left, which is all there is to have.
  }
}

/** Listens on the page. @param {() => readonly Binding[]} bindings at the moment */
export function listen(bindings) {
  const reader = new Reader();
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
    const state = { typing: isTyping(event.target), on: areKeysOn(), now: performance.now() };
    const found = reader.read(event, state, bindings());
    // A key that is held must not decide on one comment after the other.
    if (event.repeat && !found?.repeats) return;
    // A button or link that has the focus is pressed by Enter itself.
    if (!found || (event.key === 'Enter' && event.target instanceof Element && event.target.closest('a, button, summary'))) return;
    event.preventDefault();
    found.run();
  });
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
