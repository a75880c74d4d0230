// The frame of the views beside the lists of comments: a title, what it is about, what can be done here. Brings
// along the style sheet that these views share, so that the queue need not wait for it.

import { h } from '../dom.js';

/** @import { Child } from '../dom.js' */

const style = h('link', { rel: 'stylesheet', href: new URL('../views.css', import.meta.url).href });
const styled = new Promise((resolve) => {
  // Without it the views are plain and work.
  for (const end of ['load', 'error']) style.addEventListener(end, resolve, { once: true });
});
document.head.append(style);
await styled;

/** @param {{title: string, back?: Child, lead?: Child, acts?: Child}} head `back` leads to where this is a part of @param {...Child} children */
export function sheet({ title, back, lead, acts }, ...children) {
  const words = h('div', null, back && h('p', { class: 'back-to' }, back), h('h1', { class: back ? 'own' : null }, title), lead && h('p', { class: 'lead' }, lead));
  return h('div', { class: 'sheet' }, h('header', { class: 'sheet-head' }, words, acts && h('p', { class: 'buttons' }, acts)), children);
}

/** A stretch of a sheet under a heading of its own. @param {string} title @param {...Child} children */
export function section(title, ...children) {
  return h('section', { class: 'chapter' }, h('h2', null, title), children);
}
