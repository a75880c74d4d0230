// Going to one comment: to one that is here, or to one that has to be fetched with its surroundings.

/** @import { Thread } from './thread.js' */

/** Shows one of those that are here, and marks it. @param {Thread} thread @param {string | undefined} id @returns {boolean} whether it is here */
export function reveal(thread, id) {
  const item = thread.items.get(id ?? '');
  if (!item) return false;
  thread.measure();
  thread.list.querySelector('.marked')?.classList.remove('marked');
  for (let above = item.up; above; above = above.up) above.replies?.parentElement?.setAttribute('open', '');
  const { article } = item;
  article.classList.add('marked');
  article.focus({ preventScroll: true });
  article.scrollIntoView();
  return true;
}

/** Follows the address. @param {Thread} thread @param {string} hash */
export async function goTo(thread, hash) {
  const at = /^#comment-([\w-]+)$/.exec(hash)?.[1];
  if (!at || reveal(thread, at)) return;
  const { api, base } = thread.desk;
  // Who comes from the form without scripts wrote it a moment ago.
  if (new URLSearchParams(location.search).get('replydesk') === 'pending') return notice(thread, 'form.pending');
  const asked = api.get('api/comments', { ...base, at });
  const { status } = await asked;
  if (status === 404) return notice(thread, 'thread.gone');
  await thread.load({ at }, asked);
  if (reveal(thread, at)) notice(thread, 'thread.around', true);
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
