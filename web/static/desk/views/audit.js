// The record of what was done: each line a sentence, what changed under it, and the whole as a file. Nothing here can
// be changed.

import { search } from '../api.js';
import { freshId, h, time } from '../dom.js';
import { address } from '../routes.js';
import { moment } from '../words.js';
import { ACTIONS, actorOf, tell, whoDid } from './deeds.js';
import { Filters, ofDay } from './filters.js';
import { Listing } from './listing.js';
import { sheet } from './sheet.js';

/** @import { Child } from '../dom.js' */
/** @import { Context, Query, View } from '../types.js' */
/** @import { Line, Part } from './deeds.js' */

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  /** @type {Listing<Line>} */
  const list = new Listing({
    label: 'What was done',
    fetch: (cursor) => ctx.api.get('/moderation/audit', { ...asked(ctx.query), cursor }),
    key: ({ id, at, actor, action, subject }) => String(id ?? [at, actor, action, subject].join(' ')),
    row: (line) => row(line, filters, ctx),
    empty: () => (filters.isNarrowed ? 'Nothing of that kind was done.' : 'Nothing was done yet.'),
  });
  const files = h('p', { class: 'exports' });
  const changed = () => {
    exports(files, ctx.query);
    void list.load();
  };
  const filters = new Filters(ctx, [
    { name: 'actor', label: 'Who', hint: 'A name' },
    { name: 'action', label: 'What', groups: ACTIONS },
    { name: 'subject', label: 'To what', hint: 'An id or a name' },
    { name: 'since', label: 'From', kind: 'date' },
    { name: 'until', label: 'To', kind: 'date' },
  ], changed);
  exports(files, ctx.query);
  await list.load();
  return {
    element: sheet({ title: 'Record', lead: 'What was done, by whom, newest first. It can be read and taken along, never changed.' }, filters.element, files, list.element),
    title: 'Record',
    update: (route) => filters.update(route),
  };
}

/** @param {Query} query */
function asked({ actor = '', action = '', subject = '', since, until }) {
  return { actor: actorOf(actor), action, subject, since: ofDay(since, 'start'), until: ofDay(until, 'end') };
}

/** The links to the files, of the days that are chosen. @param {HTMLElement} place @param {Query} query */
function exports(place, { since, until }) {
  const link = (/** @type {string} */ format, /** @type {string} */ label) => h('a', { href: `/api/moderation/audit/export${search({ format, since: ofDay(since, 'start'), until: ofDay(until, 'end') })}`, download: true }, label);
  place.replaceChildren(h('span', { class: 'soft' }, since || until ? 'All of these days as a file: ' : 'All of it as a file: '), link('jsonl', 'JSON Lines'), ' · ', link('csv', 'CSV'));
}

/** @param {Line} line @param {Filters} filters @param {Context} ctx */
function row(line, filters, ctx) {
  const { sentence, changes, why } = tell(line);
  const only = (/** @type {Query} */ values, /** @type {string} */ label) => h('button', { type: 'button', class: 'link', onclick: () => filters.set({ actor: '', action: '', subject: '', ...values }) }, label);
  const who = line.actor.startsWith('moderator:') ? whoDid(line.actor) : line.actor;
  const panel = h('dl', { class: 'facts raw', id: freshId('kept'), hidden: true }, fact('When', moment(line.at)), fact('Who', line.actor, ' ', only({ actor: who }, 'All by them')), fact('What', line.action, ' ', only({ action: line.action }, 'All of these')), fact('To what', line.subject, ' ', only({ subject: line.subject }, 'All about it')), Object.keys(line.detail).length > 0 && fact('Kept', h('code', null, JSON.stringify(line.detail))), line.id !== undefined && fact('Number', line.id), line.hash && fact('Hash', h('code', null, line.hash)));
  const toggle = () => {
    panel.hidden = !panel.hidden;
    button.setAttribute('aria-expanded', String(!panel.hidden));
  };
  const button = h('button', { type: 'button', class: 'link quiet', 'aria-expanded': 'false', 'aria-controls': panel.id, onclick: toggle }, 'Details');
  const told = h(
    'div',
    { class: 'entry-main' },
    h('p', { class: 'deed' }, h('strong', null, h('bdi', null, whoDid(line.actor))), ' ', sentence.map((part) => put(part, ctx)), '.'),
    why && h('p', { class: 'quote' }, why),
    changes.length > 0 && h('dl', { class: 'changes' }, changes.map(({ name, before, after }) => h('div', null, h('dt', null, name), h('dd', null, h('span', { class: 'soft' }, before), h('span', { 'aria-label': 'became' }, ' → '), after)))),
  );
  return [told, h('p', { class: 'entry-meta' }, time(line.at), ' ', button), panel];
}

/** @param {string} name @param {...Child} value */
const fact = (name, ...value) => h('div', null, h('dt', null, name), h('dd', null, value));

/** @param {Part} part @param {Context} ctx @returns {Child} */
function put(part, ctx) {
  if (typeof part === 'string') return part;
  if ('strong' in part) return h('bdi', { class: 'value' }, part.strong);
  if ('comment' in part.to) return h('a', { href: address('comment', part.to.comment) }, part.text);
  if ('page' in part.to) return h('a', { href: address('page', null, part.to) }, h('bdi', null, part.text));
  return ctx.isAdmin ? h('a', { href: address('people', part.to.person) }, h('bdi', null, part.text)) : h('bdi', { class: 'value' }, part.text);
}
