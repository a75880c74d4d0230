// One comment, opened: whose it is, where it stands, its text as it was typed or as readers will see it. What people
// typed is shown as text; the server's `html` alone is markup.

import { away, h, put, setSafeHtml, time } from './dom.js';
import { address } from './routes.js';
import { seen, stretches } from './text.js';
import { count, moment, plural, STATUS } from './words.js';

/** @import { Child } from './dom.js' */
/** @import { Context, Item } from './types.js' */

/** Which of the two the person wants to see; holds until the desk is left. */
let asReaders = false;

/** @param {Item} item */
export function heading(item) {
  const state = item.status === 'pending' ? null : h('span', { class: `badge ${item.status === 'approved' ? '' : 'plain'}` }, STATUS[item.status]);
  return h(
    'header',
    { class: 'item-head' },
    h('h2', { tabindex: '-1', id: 'open-title' }, h('bdi', null, item.name || 'No name')),
    item.by_staff && h('span', { class: 'badge' }, 'Newsroom'),
    state,
    item.original && h('span', { class: 'badge plain' }, 'Changed by the newsroom'),
    item.edited_at && h('span', { class: 'badge plain', title: moment(item.edited_at) }, 'Edited by the author'),
  );
}

/** Who, where and when, in short lines. @param {Item} item @param {Pick<Context, 'sites' | 'origins'>} known */
export function facts(item, { sites, origins }) {
  const query = { page: item.page, site: item.site };
  return h(
    'dl',
    { class: 'facts' },
    fact('Page', away(item.page.startsWith('/') ? `${origins[item.site] ?? ''}${item.page}` : item.page, item.title || item.page), ' ', h('a', { class: 'aside', href: address('page', null, query) }, 'All on it')),
    sites.length > 1 && fact('Site', item.site),
    fact('Came', moment(item.created_at), h('span', { class: 'soft' }, ' · ', time(item.created_at))),
    item.email && fact('Email', h('span', { class: 'typed-short' }, item.email)),
    item.url && fact('Website', away(item.url, item.url)),
    fact('Author', record(item), ' ', h('a', { class: 'aside', href: address('author', item.author.id) }, 'All by them')),
    item.original && item.original.name !== item.name && fact('Wrote as', h('bdi', null, item.original.name)),
    item.decided_by && fact('Decided', `by ${item.decided_by} `, item.decided_at && time(item.decided_at)),
  );
}

/** @param {string} name @param {...Child} value */
function fact(name, ...value) {
  return h('div', null, h('dt', null, name), h('dd', null, value));
}

/** How the author's comments fared. @param {Item} item */
export function record({ author: { proven, approved, rejected, spam } }) {
  const told = [
    approved > 0 && h('span', { class: 'good' }, `${count(approved)} published`),
    rejected > 0 && h('span', null, `${count(rejected)} rejected`),
    spam > 0 && h('span', { class: 'bad' }, `${count(spam)} spam`),
  ].filter((part) => part !== false);
  const words = told.length === 0 ? 'nothing decided yet' : told.map((part, at) => [at > 0 && ', ', part]);
  return [words, proven && [' ', h('span', { class: 'badge', title: 'A token from an earlier comment came with this one' }, 'Proven')]];
}

/** The text, with the two ways to see it. @param {Item} item */
export function words(item) {
  const place = h('div', { class: 'item-text' });
  const show = () => {
    place.replaceChildren(asReaders ? rendered(item) : typed(item));
    for (const [at, button] of buttons.entries()) button.setAttribute('aria-pressed', String((at === 1) === asReaders));
  };
  const choose = (/** @type {boolean} */ wanted) => () => {
    asReaders = wanted;
    show();
  };
  const buttons = [
    h('button', { type: 'button', onclick: choose(false) }, item.original ? 'As the author wrote it' : 'As typed'),
    h('button', { type: 'button', onclick: choose(true) }, 'As readers see it'),
  ];
  show();
  return h('section', { class: 'item-words', 'aria-label': 'Text' }, h('p', { class: 'switch', role: 'group', 'aria-label': 'Show the text' }, buttons), place);
}

/** @param {Item} item */
function rendered(item) {
  const place = h('div', { class: 'words', dir: 'auto' });
  setSafeHtml(place, item.html);
  return place;
}

/** @param {Item} item */
function typed(item) {
  const place = h('div', { class: 'typed', dir: 'auto' });
  for (const { text, signals } of stretches((item.original ?? item).body, item.signals)) {
    const parts = seen(text).map((part) => (part.unseen ? h('span', { class: 'unseen-character', title: 'A character that nobody sees' }, part.text) : part.text));
    const title = signals.map((signal) => signal.text).join('; ');
    put(place, signals.length > 0 ? [h('mark', { title }, parts)] : parts);
  }
  return place;
}

/** What readers reported. @param {Item} item */
export function reports({ reports: { count: n, reasons } }) {
  if (n === 0) return null;
  return h('section', { class: 'part' }, h('h3', null, `Reported by ${plural(n, 'reader')}`), reasons.length > 0 && h('ul', { class: 'quotes' }, reasons.map((reason) => h('li', null, reason))));
}
