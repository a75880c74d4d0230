// Search over all comments: one box, and what narrows it. What is asked for stands in the address, so that it can be
// kept and sent on.

import { h } from './dom.js';
import { queueView } from './queue.js';
import { address } from './routes.js';
import { STATUS } from './words.js';

/** @import { Child } from './dom.js' */
/** @import { Context, Query, View } from './types.js' */

const FIELDS = ['q', 'status', 'site', 'page', 'author', 'since', 'until', 'risk_min', 'risk_max', 'score_min', 'score_max', 'reported'];

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  const form = searchForm(ctx);
  const isAsked = FIELDS.some((name) => ctx.query[name]);
  const made = queueView(ctx, { title: 'Search', above: form, ...(isAsked ? {} : { fetch: async () => ({ items: [], next_cursor: null }) }) });
  return { ...made, shown: () => void (isAsked || form.querySelector('input')?.focus()) };
}

/** @param {Context} ctx */
function searchForm(ctx) {
  const { query } = ctx;
  const narrowed = FIELDS.slice(1).filter((name) => query[name]).length;
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    ctx.navigate(address('search', null, asked(form, query)));
  };
  const form = h(
    'form',
    { class: 'search', role: 'search', onsubmit: submit },
    h('div', { class: 'search-box' }, h('input', { class: 'input', type: 'search', name: 'q', value: query.q ?? '', maxlength: 200, 'aria-label': 'Words in the text, name or email', placeholder: 'Words in the text, name or email' }), h('button', { type: 'submit', class: 'button primary' }, 'Search')),
    h('details', null, h('summary', null, narrowed > 0 ? `Narrowed by ${narrowed}` : 'Narrow it'), filters(ctx)),
  );
  return form;
}

/** @param {Context} ctx @returns {Child} */
function filters({ query, sites }) {
  const input = (/** @type {string} */ name, /** @type {string} */ label, /** @type {Record<string, unknown>} */ props) => h('label', { class: 'small-field' }, h('span', null, label), h('input', { class: 'input', name, value: query[name] ?? '', ...props }));
  const select = (/** @type {string} */ name, /** @type {string} */ label, /** @type {Record<string, string>} */ all) =>
    h('label', { class: 'small-field' }, h('span', null, label), h('select', { class: 'input', name }, Object.entries({ '': 'Any', ...all }).map(([value, told]) => h('option', { value, selected: value === (query[name] ?? '') }, told))));
  const share = { type: 'number', min: 0, max: 1, step: 0.01, inputmode: 'decimal', placeholder: '0 to 1' };
  return h(
    'div',
    { class: 'filters' },
    select('status', 'Status', STATUS),
    sites.length > 1 && select('site', 'Site', Object.fromEntries(sites.map((id) => [id, id]))),
    input('page', 'Page', { placeholder: 'Address or path' }),
    input('author', 'Author', { placeholder: 'Email or name' }),
    h('label', { class: 'small-field' }, h('span', null, 'From'), h('input', { class: 'input', type: 'date', name: 'since', value: day(query.since) })),
    h('label', { class: 'small-field' }, h('span', null, 'To'), h('input', { class: 'input', type: 'date', name: 'until', value: day(query.until) })),
    input('risk_min', 'Risk from', share),
    input('risk_max', 'Risk to', share),
    input('score_min', 'Captcha score from', share),
    input('score_max', 'Captcha score to', share),
    h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: 'reported', value: 'true', checked: query.reported === 'true' }), h('span', null, 'Reported by readers')),
    h('p', { class: 'buttons' }, h('button', { type: 'submit', class: 'button small' }, 'Search'), h('a', { href: address('search') }, 'Start over')),
  );
}

/** What the form says as a query; days are whole days where one is. @param {HTMLFormElement} form @param {Query} before @returns {Query} */
function asked(form, before) {
  /** @type {Query} */
  const query = before.order ? { order: before.order } : {};
  for (const [name, value] of new FormData(form)) if (typeof value === 'string' && value.trim()) query[name] = value.trim();
  if (query.since) query.since = moment(query.since, 'T00:00:00.000');
  if (query.until) query.until = moment(query.until, 'T23:59:59.999');
  return query;
}

/** @param {string} date @param {string} time */
const moment = (date, time) => new Date(`${date}${time}`).toISOString();

/** @param {string | undefined} iso */
function day(iso) {
  const at = new Date(iso ?? '');
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return Number.isNaN(at.getTime()) ? '' : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
