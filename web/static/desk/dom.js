// The one way to build what is seen: nodes with text in them, never markup. `setSafeHtml` is the one exception,
// and takes nothing but the `html` that the server made safe.

import { ago, moment } from './words.js';

/** @typedef {Node | string | number | null | undefined | false | readonly Child[]} Child */
/** @typedef {Record<string, unknown>} Props */

/**
 * An element. `on…` listens; `class`, `dataset` and attributes by name; `true` is an attribute without a value,
 * `false`, `null` and `undefined` leave it out. An `href` or `src` that must not be followed is left out too.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Props | null} [props] @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(made, name, value);
  put(made, children);
  return made;
}

/** @param {HTMLElement} made @param {string} name @param {unknown} value */
function set(made, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === 'function') made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  else if (name === 'dataset') Object.assign(made.dataset, value);
  else if (name === 'class') made.className = String(value);
  else if (name === 'value' || name === 'checked' || name === 'indeterminate') Object.assign(made, { [name]: value });
  else if ((name === 'href' || name === 'src') && !followable(String(value))) return;
  else made.setAttribute(name, value === true ? '' : String(value));
}

/** Appends text and nodes; nothing and false leave no trace. @param {ParentNode} parent @param {readonly Child[]} children */
export function put(parent, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (typeof child === 'object' && !(child instanceof Node)) put(parent, child);
    else parent.append(child instanceof Node ? child : String(child));
  }
}

/** @param {...Child} children */
export function fragment(...children) {
  const made = document.createDocumentFragment();
  put(made, children);
  return made;
}

/** Other children in place of those there. @param {Element} parent @param {...Child} children */
export function fill(parent, ...children) {
  parent.replaceChildren(fragment(...children));
}

/** Whether an address leads to the web, a mailbox or a place here. @param {string} address */
export function followable(address) {
  return /^(https?:\/\/|mailto:|#|\/(?![/\\]))/i.test(address);
}

const makePolicy = () => {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  return trustedTypes?.createPolicy('desk', { createHTML: (/** @type {string} */ html) => html }) ?? { createHTML: String };
};
/** @type {{createHTML: (html: string) => string} | null} */
let policy = null;

/**
 * Shows the `html` of a comment. Its links open in a tab of their own and do not say where from.
 * @param {HTMLElement} element @param {string} html made safe by the server
 */
export function setSafeHtml(element, html) {
  const made = (policy ??= makePolicy());
  element.innerHTML = made.createHTML(html);
  for (const link of element.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'nofollow ugc noopener noreferrer';
  }
}

/** A link that opens in a tab of its own; the text alone where it must not be followed. @param {string} address @param {Child} text */
export function away(address, text) {
  if (!followable(address)) return h('span', null, text);
  return h('a', { href: address, target: '_blank', rel: 'nofollow noopener noreferrer' }, text);
}

/** The program's mark, from where the page has it. @param {number} size in pixels */
export function mark(size) {
  return h('img', { src: document.querySelector('link[rel="icon"]')?.getAttribute('href') ?? '/favicon.ico', alt: '', width: size, height: size });
}

/** A time in words that keep up with the clock; the full one on pointing. @param {string} iso */
export function time(iso) {
  return h('time', { datetime: iso, dataset: { ago: '' } }, ago(iso));
}

/** Once: the times on the page keep up with the clock, and say themselves in full where they are pointed at. */
export function keepTimes() {
  document.addEventListener('pointerover', ({ target }) => {
    if (target instanceof HTMLTimeElement && target.title === '') target.title = moment(target.dateTime);
  });
  setInterval(() => {
    for (const element of document.querySelectorAll('time[data-ago]')) {
      const told = ago(element.getAttribute('datetime') ?? '');
      if (element.textContent !== told) element.textContent = told;
    }
  }, 20_000);
}

/** @type {HTMLElement[]} */
const regions = [];
let turn = 0;

/** Says it to screen readers, after what they are saying; the same twice is said twice. @param {string} text */
export function announce(text) {
  if (regions.length === 0) {
    for (const _ of [0, 1]) regions.push(h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' }));
    document.body.append(...regions);
  }
  turn = 1 - turn;
  const [now, before] = [regions[turn], regions[1 - turn]];
  if (before) before.textContent = '';
  if (now) now.textContent = text;
}

let number = 0;
/** An id that no other element has. @param {string} about */
export const freshId = (about) => `${about}-${(number += 1)}`;
