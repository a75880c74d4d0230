// How the work goes: what came a day and what became of it, how long it waited, and who decided.

import { h, time } from '../dom.js';
import { inWords } from '../api.js';
import { count, plural } from '../words.js';
import { dayChart, scrolled } from './charts/days.js';
import { fills } from './charts/svg.js';
import { Filters, siteWish } from './filters.js';
import { sheet } from './sheet.js';
import { between, share, span } from './terms.js';

/** @import { Child } from '../dom.js' */
/** @import { Context, View } from '../types.js' */
/** @import { Series } from './charts/days.js' */
/**
 * @typedef {{date: string, received: number, published: number, held: number, refused: number, approved: number, rejected: number, spam: number}} Day
 * @typedef {{
 *   since: string, until: string, days: Day[], waiting: {count: number, oldest_at: string | null},
 *   decided: {count: number, median_seconds: number | null, p90_seconds: number | null},
 *   held_share: {share: number | null, low: number, high: number, count: number},
 *   moderators: {name: string, approved: number, rejected: number, spam: number, pending: number, edited: number, total: number}[],
 * }} Statistics
 */

/** @type {[string, string][]} */
const PERIODS = [['7', '7 days'], ['', '30 days'], ['90', '90 days']];
/** Counting months of comments takes its time. */
const WITHIN_MS = 30_000;

/** @type {Series[]} */
const CAME = [
  { label: 'Published at once', fill: 'solid', of: (day) => day.published },
  { label: 'Held', fill: 'dots', of: (day) => day.held },
  { label: 'Spam or rejected', fill: 'hatch', of: (day) => Math.max(0, day.received - day.published - day.held - day.refused) },
  { label: 'Refused by the captcha', fill: 'cross', of: (day) => day.refused },
];
/** @type {Series[]} */
const DECIDED = [
  { label: 'Published', fill: 'solid', of: (day) => day.approved },
  { label: 'Rejected', fill: 'dots', of: (day) => day.rejected },
  { label: 'Spam', fill: 'hatch', of: (day) => day.spam },
];

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  const place = h('div', { class: 'figures' });
  let turn = 0;
  const load = async () => {
    const mine = (turn += 1);
    place.setAttribute('aria-busy', 'true');
    try {
      const found = await ctx.api.get('/moderation/statistics', { site: ctx.query.site, days: ctx.query.days ?? 30 }, { timeout: WITHIN_MS });
      if (mine === turn) place.replaceChildren(...figures(found));
    } catch (error) {
      if (mine === turn) place.replaceChildren(h('div', { class: 'notice warn', role: 'alert' }, h('p', null, inWords(error)), h('button', { type: 'button', class: 'button', onclick: () => void load() }, 'Try again')));
    } finally {
      if (mine === turn) place.removeAttribute('aria-busy');
    }
  };
  const filters = new Filters(ctx, [{ name: 'days', label: 'Period', options: PERIODS }, siteWish(ctx)], () => void load());
  await load();
  return {
    element: sheet({ title: 'Statistics', lead: 'How the work goes. Days are from midnight to midnight UTC, and today counts as far as it has come.' }, fills(), filters.element, place),
    title: 'Statistics',
    update: (route) => filters.update(route),
  };
}

/** @param {Statistics} found @returns {HTMLElement[]} */
function figures(found) {
  const { days, moderators } = found;
  const sum = (/** @type {(day: Day) => number} */ of) => days.reduce((all, day) => all + of(day), 0);
  const [came, decided] = [sum(({ received }) => received), sum(({ approved, rejected, spam }) => approved + rejected + spam)];
  const busiest = days.reduce((most, day) => (day.received > (most?.received ?? 0) ? day : most), days[0]);
  const charts = [
    dayChart({ title: 'What came', days, series: CAME, more: [{ label: 'Together', fill: 'solid', of: ({ received }) => received }], summary: came === 0 ? 'Nothing came on these days.' : `${plural(came, 'comment')} in ${plural(days.length, 'day')}${busiest && busiest.received > 0 ? `, at most ${count(busiest.received)} on one` : ''}.` }),
    dayChart({ title: 'What people decided', days, series: DECIDED, summary: decided === 0 ? 'Nothing was decided on these days.' : `${plural(decided, 'decision')}, whenever the comments came.` }),
  ];
  return [tiles(found), ...charts, people(moderators)];
}

/** @param {Statistics} found */
function tiles({ waiting, decided, held_share: held }) {
  const wait = decided.median_seconds === null ? 'nothing was decided' : `half of ${plural(decided.count, 'comment')} sooner`;
  return h(
    'dl',
    { class: 'tiles' },
    tile('Waiting now', count(waiting.count), waiting.oldest_at ? ['the oldest came ', time(waiting.oldest_at)] : 'nothing to do'),
    tile('Usual wait', decided.median_seconds === null ? '–' : span(decided.median_seconds), wait),
    tile('Long wait', decided.p90_seconds === null ? '–' : span(decided.p90_seconds), decided.p90_seconds === null ? 'nothing was decided' : 'nine of ten sooner'),
    tile('Held', share(held.share), held.share === null ? 'nothing came' : [`of ${count(held.count)} stored; 95% sure: ${between(held)}`]),
  );
}

/** @param {string} name @param {string} figure @param {Child} note */
const tile = (name, figure, note) => h('div', { class: 'tile' }, h('dt', null, name), h('dd', null, h('span', { class: 'figure' }, figure), h('span', { class: 'note' }, note)));

/** @param {Statistics['moderators']} moderators */
function people(moderators) {
  const head = ['Published', 'Rejected', 'Spam', 'Put back', 'Texts changed', 'Together'];
  const rows = moderators.map(({ name, approved, rejected, spam, pending, edited, total }) => h('tr', null, h('th', { scope: 'row' }, h('bdi', null, name)), [approved, rejected, spam, pending, edited].map((n) => h('td', null, count(n))), h('td', null, h('strong', null, count(total)))));
  const table = h('table', null, h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'Who'), head.map((label) => h('th', { scope: 'col' }, label)))), h('tbody', null, rows));
  return h('section', { class: 'chapter' }, h('h2', null, 'Who did what'), moderators.length > 0 ? scrolled('Who did what', table) : h('p', { class: 'empty' }, 'Nobody decided anything on these days.'));
}
