// How scores or risks are spread, an outcome a row, with two thresholds to take hold of. Behind the rows lies what
// follows from where: the zones between the thresholds.

import { h } from '../../dom.js';
import { count } from '../../words.js';
import { scrolled } from '../charts/days.js';
import { drawing, filled, s } from '../charts/svg.js';
import { handle } from './handle.js';
import { bounds, DIALS, shown, valueOf } from './proposal.js';

/** @import { Fill } from '../charts/svg.js' */
/** @import { Name, Thresholds } from './proposal.js' */
/** @typedef {'approved' | 'rejected' | 'spam' | 'undecided' | 'refused'} Outcome */
/** @typedef {Record<Outcome, number[]>} ByOutcome */
/**
 * @typedef {{
 *   title: string, about: string, low: Name, high: Name, zones: {name: string, tone: 'plain' | 'note' | 'warn'}[],
 *   ends: [string, string], histogram: ByOutcome, inForce: Thresholds, tried: () => Thresholds, move: (name: Name, value: number) => void,
 * }} PlotOptions `zones`: from the left, what follows there
 */

/** @type {{outcome: Outcome, label: string, fill: Fill}[]} */
const ROWS = [
  { outcome: 'approved', label: 'Published by people', fill: 'solid' },
  { outcome: 'rejected', label: 'Rejected by people', fill: 'dots' },
  { outcome: 'spam', label: 'Marked as spam by people', fill: 'hatch' },
  { outcome: 'undecided', label: 'Nobody decided', fill: 'lines' },
  { outcome: 'refused', label: 'Refused by the captcha', fill: 'cross' },
];
/** Room left and right, so that a grip at the end is whole. */
const SIDE = 30;
const ZONES = 26;
const NAME = 24;
const BARS = 42;
const FOOT = 22;
/** What is there is seen, however little it is. */
const LEAST = 3;

/** @param {PlotOptions} options */
export function plot(options) {
  const { title, about, low, high, histogram, inForce, tried, move } = options;
  const rows = ROWS.map((row) => ({ ...row, counts: histogram[row.outcome], total: sum(histogram[row.outcome]) })).filter(({ outcome, total }) => total > 0 || outcome === 'approved' || outcome === 'spam');
  const height = ZONES + rows.length * (NAME + BARS) + FOOT;
  let width = 0;
  const x = (/** @type {number} */ value) => SIDE + value * (width - 2 * SIDE);
  const { svg, redraw } = drawing({
    label: `${title}, by what people made of the comments: ${rows.map(({ label, total }) => `${label.toLowerCase()} ${count(total)}`).join(', ')}. The table below has the numbers.`,
    height,
    draw: (given) => {
      width = given;
      showHandles();
      return [zones(options, x, height), rows.map((row, at) => lane(row, ZONES + at * (NAME + BARS), x)), axis(options.ends, x, height, width), ghosts(options, inForce, x, height)];
    },
  });
  const valueAt = (/** @type {number} */ clientX) => (clientX - svg.getBoundingClientRect().left - SIDE) / Math.max(1, width - 2 * SIDE);
  const handles = ([[low, 'upper'], [high, 'lower']]).map(([name, place]) => {
    const own = /** @type {Name} */ (name);
    return { name: own, ...handle({ dial: DIALS[own], place: /** @type {'upper' | 'lower'} */ (place), at: () => valueOf(tried(), own), bounds: () => bounds(tried(), own), valueAt, move: (value) => move(own, value) }) };
  });
  const showHandles = () => handles.forEach(({ name, show }) => show(x(valueOf(tried(), name))));
  const element = h(
    'figure',
    { class: 'plot' },
    h('figcaption', null, h('h2', null, title), h('p', { class: 'soft' }, rows.some(({ total }) => total > 0) ? about : 'Nothing that came has one that the thresholds are compared with.')),
    h('div', { class: 'field-of' }, svg, handles.map(({ element }) => element)),
    h('details', null, h('summary', null, 'The same as a table'), table(title, rows)),
  );
  return { element, refresh: redraw };
}

/** @param {number[]} counts */
const sum = (counts) => counts.reduce((all, n) => all + n, 0);

/** @param {PlotOptions} options @param {(value: number) => number} x @param {number} height */
function zones({ low, high, zones, tried }, x, height) {
  const edges = [0, valueOf(tried(), low), valueOf(tried(), high), 1];
  return zones.map(({ name, tone }, at) => {
    const [from, to] = [x(edges[at] ?? 0), x(edges[at + 1] ?? 1)];
    const fits = to - from > name.length * 7 + 8;
    return [s('rect', { class: `zone ${tone}`, x: from, width: Math.max(0, to - from), y: 0, height: height - FOOT }), fits ? s('text', { class: 'zone-name', x: (from + to) / 2, y: 17, 'text-anchor': 'middle' }, name) : null];
  });
}

/** One outcome: each bar is its share of that outcome. @param {{label: string, fill: Fill, counts: number[], total: number}} row @param {number} top @param {(value: number) => number} x */
function lane({ label, fill, counts, total }, top, x) {
  const most = Math.max(1, ...counts);
  const floor = top + NAME + BARS;
  const wide = (x(1) - x(0)) / Math.max(1, counts.length);
  const bars = counts.map((n, at) => {
    if (n === 0) return null;
    const tall = Math.max(LEAST, (n / most) * (BARS - 2));
    return s('rect', { ...filled(fill), x: x(0) + at * wide + 1, width: Math.max(1, wide - 2), y: floor - tall, height: tall }, s('title', {}, `${range(at, counts.length)}: ${count(n)} ${label.toLowerCase()}`));
  });
  return s('g', {}, s('text', { class: 'lane-name', x: x(0) + 2, y: top + 17 }, s('tspan', { class: 'lane-count' }, count(total)), ` ${label.toLowerCase()}`), s('line', { class: 'grid', x1: x(0), x2: x(1), y1: floor, y2: floor }), bars);
}

/** @param {[string, string]} ends @param {(value: number) => number} x @param {number} height @param {number} width */
function axis(ends, x, height, width) {
  const ticks = width > 420 ? [0, 0.2, 0.4, 0.6, 0.8, 1] : [0, 0.5, 1];
  return [
    s('line', { class: 'axis', x1: x(0), x2: x(1), y1: height - FOOT, y2: height - FOOT }),
    ticks.map((value) => s('text', { class: 'tick', x: x(value), y: height - 6, 'text-anchor': value === 0 ? 'start' : value === 1 ? 'end' : 'middle' }, value === 0 ? `0 ${ends[0]}` : value === 1 ? `${ends[1]} 1` : String(value))),
  ];
}

/** Where those in force lie, where others are tried. @param {PlotOptions} options @param {Thresholds} inForce @param {(value: number) => number} x @param {number} height */
function ghosts({ low, high, tried }, inForce, x, height) {
  return [low, high].map((name) => {
    const at = valueOf(inForce, name);
    return at === valueOf(tried(), name) ? null : s('line', { class: 'ghost', x1: x(at), x2: x(at), y1: ZONES, y2: height - FOOT }, s('title', {}, `In force: ${shown(at)}`));
  });
}

/** @param {number} at @param {number} bins */
const range = (at, bins) => `${shown(at / bins)} to ${shown((at + 1) / bins)}`;

/** @param {string} title @param {{label: string, counts: number[]}[]} rows */
function table(title, rows) {
  const bins = rows[0]?.counts.length ?? 0;
  const lines = Array.from({ length: bins }, (_, at) => h('tr', null, h('th', { scope: 'row' }, range(at, bins)), rows.map(({ counts }) => h('td', null, count(counts[at] ?? 0)))));
  return scrolled(title, h('table', null, h('caption', { class: 'unseen' }, title), h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'From, to'), rows.map(({ label }) => h('th', { scope: 'col' }, label)))), h('tbody', null, lines)));
}
