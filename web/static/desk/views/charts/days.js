// Bars a day, one upon the other, with the same as a table.

import { h } from '../../dom.js';
import { count } from '../../words.js';
import { drawing, filled, legend, s, steps } from './svg.js';

/** @import { Fill } from './svg.js' */
/** @typedef {{label: string, fill: Fill, of: (day: any) => number}} Series */

const HEIGHT = 200;
const FOOT = 22;
const HEAD = 10;
const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const long = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
const at = (/** @type {{date: string}} */ { date }) => new Date(`${date}T00:00:00Z`);

/**
 * @param {{title: string, days: {date: string}[], series: Series[], summary: string, more?: Series[]}} options
 *   `more` are columns of the table that are not drawn
 */
export function dayChart({ title, days, series, summary, more = [] }) {
  const total = (/** @type {any} */ day) => series.reduce((sum, { of }) => sum + of(day), 0);
  const ticks = steps(Math.max(0, ...days.map(total)));
  const { svg } = drawing({ label: `${title}. ${summary}`, height: HEIGHT, draw: (width) => draw(days, series, ticks, width) });
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', null, h('h2', null, title), h('p', { class: 'soft' }, summary)),
    days.some((day) => total(day) > 0) && [legend(series), svg],
    h('details', null, h('summary', null, 'The same as a table'), table(title, days, [...series, ...more])),
  );
}

/** @param {{date: string}[]} days @param {Series[]} series @param {number[]} ticks @param {number} width */
function draw(days, series, ticks, width) {
  const top = ticks.at(-1) ?? 1;
  const left = 12 + count(top).length * 7;
  const floor = HEIGHT - FOOT;
  const y = (/** @type {number} */ n) => floor - (n / top) * (floor - HEAD);
  const step = (width - left) / Math.max(1, days.length);
  const thick = Math.max(1, Math.min(step - Math.min(4, step * 0.25), 34));
  const grid = ticks.map((n) => [
    s('line', { class: n === 0 ? 'axis' : 'grid', x1: left, x2: width, y1: y(n), y2: y(n) }),
    s('text', { class: 'tick', x: left - 6, y: y(n) + 4, 'text-anchor': 'end' }, count(n)),
  ]);
  const bars = days.map((day, at) => stack(day, series, left + at * step + (step - thick) / 2, thick, y));
  return [grid, bars, labels(days, left, step, width)];
}

/** @param {any} day @param {Series[]} series @param {number} x @param {number} thick @param {(n: number) => number} y */
function stack(day, series, x, thick, y) {
  let sum = 0;
  const parts = series.flatMap(({ of, fill }) => {
    const n = of(day);
    if (n <= 0) return [];
    sum += n;
    return [s('rect', { ...filled(fill), x, width: thick, y: y(sum), height: Math.max(0.5, y(sum - n) - y(sum)) })];
  });
  if (parts.length === 0) return null;
  return s('g', {}, s('title', {}, `${long.format(at(day))}: ${series.map(({ label, of }) => `${count(of(day))} ${label.toLowerCase()}`).join(', ')}`), parts);
}

/** As many days' names as there is room for, the last among them. @param {{date: string}[]} days @param {number} left @param {number} step @param {number} width */
function labels(days, left, step, width) {
  const every = [1, 2, 7, 14, 28].find((n) => n * step >= 74) ?? 28;
  return days.map((day, index) => {
    if ((days.length - 1 - index) % every !== 0) return null;
    const half = 22;
    return s('text', { class: 'tick', x: Math.min(Math.max(left + (index + 0.5) * step, left + half), width - half), y: HEIGHT - 5, 'text-anchor': 'middle' }, short.format(at(day)));
  });
}

/** @param {string} title @param {{date: string}[]} days @param {Series[]} series */
function table(title, days, series) {
  const rows = [...days].reverse().map((day) => h('tr', null, h('th', { scope: 'row' }, h('time', { datetime: day.date }, long.format(at(day)))), series.map(({ of }) => h('td', null, count(of(day))))));
  return scrolled(title, h('table', null, h('caption', { class: 'unseen' }, title), h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'Day (UTC)'), series.map(({ label }) => h('th', { scope: 'col' }, label)))), h('tbody', null, rows)));
}

/** A table that may be wider than the page. @param {string} label @param {HTMLTableElement} table */
export function scrolled(label, table) {
  return h('div', { class: 'table', role: 'region', 'aria-label': label, tabindex: '0' }, table);
}
