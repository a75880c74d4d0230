// Puts the comment just sent where it belongs in the thread. Everything is set as text.

import { followable } from './answers.js';

/**
 * @typedef {{id: string, name: string, url: string, body: string, parent: string, published: boolean}} Sent
 */

/** @param {string} name @param {string} className @param {string} [text] */
export function element(name, className, text = '') {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/** Whether the comment can be shown on this page. */
export function hasThread() {
  return document.getElementById('rd-thread') !== null;
}

/** @param {Sent} sent @param {string} message @returns {HTMLElement} what to focus */
export function showSent(sent, message) {
  const comment = element('article', sent.published ? 'comment fresh' : 'comment fresh pending');
  comment.id = `comment-${sent.id}`;
  comment.tabIndex = -1;
  const head = element('header', '');
  head.append(element('h3', '', sent.published ? '' : sent.name));
  if (sent.published) head.firstElementChild?.append(authorLink(sent));
  comment.append(head, element('p', 'state', message), element('div', 'words typed', sent.body));
  const item = element('li', '');
  item.append(comment);
  listFor(sent.parent)?.append(item);
  return comment;
}

/** @param {Sent} sent */
function authorLink({ name, url }) {
  const address = followable(url);
  if (!address) return name;
  const link = /** @type {HTMLAnchorElement} */ (element('a', '', name));
  link.href = address;
  link.rel = 'nofollow ugc noopener';
  return link;
}

/** The list of replies to this comment, made where there is none yet. @param {string} parent */
function listFor(parent) {
  const item = parent && document.getElementById(`comment-${parent}`)?.closest('li');
  if (!item) return document.getElementById('rd-thread');
  const list = item.querySelector(':scope > ol') ?? element('ol', '');
  item.append(list);
  return list;
}
