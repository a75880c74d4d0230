// Going to one comment: to one that is here, or to one that has to be fetched with its surroundings.

/** @import { Thread } from './thread.js' */

/** @type {WeakMap<Thread, string>} the address that was followed in it last */
const clickedIn = new WeakMap();

/**
 * Whether the focus may be moved: it is nowhere, in the thread, on the button that sends, or on the link that leads here; never in
 * words that are being written.
 * @param {Thread} thread @param {Element} [panel] the one that may lose it @param {string} [id] of the comment
 */
export function mayFocus({ desk, node }, panel, id) {
  const outer = document.activeElement;
  if (!outer || outer === document.body || outer === document.documentElement) return true;
  if (outer instanceof HTMLAnchorElement && outer.hash === `#comment-${id}`) return true;
  const inner = desk.host.shadowRoot?.activeElement;
  if (outer !== desk.host || !inner) return outer === desk.host;
  const around = inner.closest('.panel');
  return inner.matches('[type=submit]') || (node.contains(inner) && (!around || around === panel));
}

/** Marks one of those that are here, and goes there if nobody is in the middle of something else. @param {Thread} thread @param {string | undefined} id @returns {boolean} whether it went there */
export function reveal(thread, id) {
  const item = thread.items.get(id ?? '');
  if (!item) return false;
  const { article } = item;
  thread.list.querySelector('.marked')?.classList.remove('marked');
  article.classList.add('marked');
  if (!mayFocus(thread, undefined, id)) return false;
  thread.measure();
  for (let above = item.up; above; above = above.up) above.replies?.parentElement?.setAttribute('open', '');
  article.focus({ preventScroll: true });
  article.scrollIntoView();
  return true;
}

/** Follows a link of the thread in place. @param {Thread} thread @param {string} hash */
export function goByLink(thread, hash) {
  clickedIn.set(thread, hash);
  // The address may name this comment already, so that following the link changes nothing.
  if (hash === location.hash) return goTo(thread, hash);
  location.hash = hash;
  return undefined;
}

/** Follows the address. @param {Thread} thread @param {string} hash */
export async function goTo(thread, hash) {
  const at = /^#comment-([\w-]+)$/.exec(hash)?.[1];
  if (!at) return;
  const { api, base, host } = thread.desk;
  const isPending = PENDING.test(location.search);
  const here = thread.items.get(at);
  if (here) {
    if (isPending) forgetPending();
    // Who does not see that it is marked hears who wrote it, and when.
    if (!reveal(thread, at)) thread.announce([...(here.article.querySelector('.meta')?.children ?? [])].map((part) => part.textContent).join(', '));
    return;
  }
  const asked = api.get('api/comments', { ...base, at });
  const { status } = await asked;
  if (status === 404) {
    // Where the page has several, another may know that comment.
    const all = [...document.querySelectorAll('reply-desk')];
    const isOnly = all.length < 2;
    if (isPending && (isOnly || all[0] === host)) {
      notice(thread, 'form.pending');
      forgetPending();
    } else if (isOnly || clickedIn.get(thread) === hash) notice(thread, 'thread.gone');
    return;
  }
  await thread.load({ at }, asked);
  if (!thread.items.has(at)) return;
  if (isPending) forgetPending();
  reveal(thread, at);
  notice(thread, 'thread.around', true);
}

/** What the server puts into the address of who comes from the form without scripts. */
const PENDING = /[?&]replydesk=pending(?=[&#]|$)/;

/** It was said, and is not for whoever opens this address later. */
function forgetPending() {
  try {
    history.replaceState(history.state, '', location.href.replace(PENDING, '').replace(/^([^?#]*)&/, '$1?'));
  } catch {
    // Where the address cannot be changed, it is said once more.
  }
}

/** Says something above the comments, until others are shown. @param {Thread} thread @param {string} key @param {boolean} [isPart] not all are shown */
function notice(thread, key, isPart) {
  const { h } = thread.tools;
  const { texts, list, desk, node } = thread;
  const all = isPart && h('button', { type: 'button', class: 'link', part: 'button', onclick: () => void showAll(thread) }, texts.say('thread.all'));
  const note = h('p', { class: 'note', part: 'notice' }, texts.say(key), ' ', all);
  node.querySelector('.note')?.remove();
  list.before(note);
  thread.announce(texts.say(key));
  desk.host.addEventListener('replydesk:ready', () => note.remove(), { once: true, signal: desk.stop.signal });
}

/** @param {Thread} thread */
async function showAll(thread) {
  await thread.load();
  thread.heading.focus();
}
