// What the things that come later share: the place of a comment that does not come in order, a sentence below a comment, a small
// form in it.

/**
 * @import { Answer } from './api.js'
 * @import { Comment, Item } from './comment.js'
 * @import { Thread } from './thread.js'
 */

/** Below a comment, and said aloud. @param {Thread} thread @param {Item} item @param {string} key */
export function tell(thread, item, key) {
  say(thread, item, thread.texts.say(key));
}

/** What a refusal says, or that there was no answer. @param {Thread} thread @param {Item} item @param {Answer} answer */
export function tellFault(thread, item, answer) {
  say(thread, item, faultOf(thread, answer));
}

/** @param {Thread} thread @param {Answer} answer @returns {string} */
export function faultOf({ texts }, { body }) {
  return body?.errors?.[0]?.message || body?.detail || texts.say('act.failed');
}

/** @param {Thread} thread @param {Item} item @param {string} text */
function say(thread, { article }, text) {
  article.querySelector('.said')?.remove();
  article.append(thread.tools.h('p', { class: 'said', part: 'notice' }, text));
  thread.announce(text);
}

/** Puts a comment where readers would look for it, and leaves all others where they are. @param {Thread} thread @param {Comment} comment */
export function putLate(thread, comment) {
  const item = thread.draw(comment, !comment.waits);
  if (item.isLoaded) return item;
  const { list, items } = thread;
  const { up, level, li } = item;
  const home = thread.homeOf(item);
  /** @type {Element | null} */
  let before = null;
  if (!up && thread.desk.base.sort === 'newest') before = list.firstElementChild;
  if (up?.level === level) {
    // Behind all that answers the same comment, which stands deeper.
    const depthOf = (/** @type {Element} */ other) => items.get(other.firstElementChild?.id.slice(8) ?? '')?.comment.depth ?? 0;
    before = up.li.nextElementSibling;
    while (before && before !== li && depthOf(before) > up.comment.depth) before = before.nextElementSibling;
  }
  if (before !== li && (li.parentElement !== home || li.nextElementSibling !== before)) home.insertBefore(li, before);
  return item;
}

/** A comment as it is now; while its reader writes in a form of it, nothing moves. @param {Thread} thread @param {Item} item @param {Comment} comment */
export function change(thread, item, comment) {
  if (item.article.querySelector('.panel')) item.comment = comment;
  else thread.draw(comment);
}

/**
 * A small form in a comment, with the focus in it. One at a time; Escape and its second button close it.
 * @param {Thread} thread @param {Item} item @param {HTMLElement} from where the focus comes back to
 * @param {object} wish
 * @param {string} wish.ask @param {string} wish.go what its first button says
 * @param {string} [wish.value] what stands in its field @param {number} [wish.most] characters; without, there is no field
 * @param {(text: string) => Promise<string | null>} wish.send says what went wrong, or null
 * @param {() => void} wish.done
 */
export function openPanel(thread, item, from, { ask, go, value = '', most, send, done }) {
  const { h } = thread.tools;
  const { texts } = thread;
  const { article } = item;
  const id = `rd-panel-${item.comment.id}`;
  article.querySelector('.panel')?.remove();
  const field = most ? h('textarea', { id, part: 'input', rows: 4, maxlength: most, dir: 'auto' }) : null;
  if (field) field.value = value;
  const fault = h('p', { class: 'fault', part: 'fault', role: 'alert' });
  const first = h('button', { type: 'submit', class: 'button', part: 'button', 'aria-describedby': field ? null : id }, texts.say(go));
  const close = () => {
    panel.remove();
    thread.draw(item.comment);
    /** @type {HTMLElement} */ (article.querySelector(`[data-act=${from.dataset.act}]`) ?? article).focus({ preventScroll: true });
  };
  let isBusy = false;
  const onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    const wrong = await send(field?.value ?? '');
    isBusy = false;
    fault.textContent = wrong;
    if (wrong !== null) return (field ?? first).focus();
    close();
    done();
  };
  const onkeydown = (/** @type {KeyboardEvent} */ { key }) => key === 'Escape' && close();
  const cancel = h('button', { type: 'button', class: 'button quiet', part: 'button', onclick: close }, texts.say('act.cancel'));
  const asked = field ? [h('label', { for: id, part: 'label' }, texts.say(ask)), field] : h('p', { id }, texts.say(ask));
  const panel = h('form', { class: 'panel', part: 'form', novalidate: true, onsubmit, onkeydown }, asked, fault, h('div', { class: 'send' }, first, cancel));
  article.append(panel);
  (field ?? first).focus();
}
