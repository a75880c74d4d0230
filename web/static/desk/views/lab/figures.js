// What thresholds would have made of the past, beside those in force: a sentence, the counts, and the two rates that
// matter with how sure they are.

import { h } from '../../dom.js';
import { count, percent, plural } from '../../words.js';
import { drawing, s } from '../charts/svg.js';
import { between, outOf, share } from '../terms.js';

/** @import { Child } from '../../dom.js' */
/**
 * @typedef {{count: number, of: number, rate: number | null, interval: {low: number, high: number}}} Rate
 * @typedef {{submissions: number, published: number, held: number, spam: number, rejected: number, refused: number, unseen: number, approved_lost: Rate, spam_let_through: Rate}} Figures
 * @typedef {{by_programs: number, samples: number, other_provider: number, cut: boolean}} Notes
 */

/** @type {[keyof Figures & ('published' | 'held' | 'spam' | 'rejected' | 'refused'), string][]} */
const FATES = [['published', 'Published'], ['held', 'Held'], ['spam', 'Spam'], ['rejected', 'Rejected'], ['refused', 'Refused']];

/** What would be another, in as few words as may be. @param {Figures} before @param {Figures} after */
export function headline(before, after) {
  const moves = FATES.flatMap(([name, label]) => {
    const more = after[name] - before[name];
    return more === 0 ? [] : [`${moreOf(more)} ${name === 'spam' ? 'marked as spam' : label.toLowerCase()}`];
  });
  if (moves.length === 0) return 'Nothing would have become of any comment that has not.';
  const [lost, through] = [after.approved_lost.count - before.approved_lost.count, after.spam_let_through.count - before.spam_let_through.count];
  const costs = [lost !== 0 && `${moreOf(lost)} lost that people published`, through !== 0 && `${moreOf(through)} let through that people marked as spam`].filter((cost) => cost !== false);
  return `${sentence(listed(moves))} ${costs.length > 0 ? sentence(listed(costs)) : 'No known cost.'}`;
}

/** @param {number} n */
const moreOf = (n) => `${count(Math.abs(n))} ${n > 0 ? 'more' : 'fewer'}`;
/** @param {string} text */
const sentence = (text) => `${text}.`;

/** @param {string[]} parts */
const listed = (parts) => parts.join(', ');

/** The counts side by side. @param {Figures} before @param {Figures} after */
export function fates(before, after) {
  const cell = (/** @type {number} */ n, /** @type {number} */ all) => h('td', null, count(n), ' ', h('span', { class: 'part-of soft' }, all > 0 ? share(n / all) : ''));
  const rows = FATES.filter(([name]) => name !== 'rejected' || before.rejected > 0 || after.rejected > 0).map(([name, label]) => {
    const more = after[name] - before[name];
    return h('tr', { class: more === 0 ? null : 'moved' }, h('th', { scope: 'row' }, label), cell(before[name], before.submissions), cell(after[name], after.submissions), h('td', null, more === 0 ? h('span', { class: 'soft' }, '=') : `${more > 0 ? '+' : '−'}${count(Math.abs(more))}`));
  });
  return h('table', { class: 'fates' }, h('caption', { class: 'unseen' }, 'What would have become of the comments'), h('thead', null, h('tr', null, ['Comments', 'In force', 'Tried', 'Change'].map((label) => h('th', { scope: 'col' }, label)))), h('tbody', null, rows));
}

/** What it costs: the two rates, each in force and tried, with their intervals. @param {Figures} before @param {Figures} after */
export function costs(before, after) {
  return h('div', { class: 'costs' }, rate('Lost', 'Published by people, and here refused or marked as spam', before.approved_lost, after.approved_lost), rate('Let through', 'Marked as spam by people, and here published at once', before.spam_let_through, after.spam_let_through));
}

/** @param {string} title @param {string} means @param {Rate} before @param {Rate} after */
function rate(title, means, before, after) {
  const top = Math.min(1, Math.max(0.05, before.interval.high, after.interval.high));
  const isKnown = after.of > 0;
  return h(
    'section',
    { class: 'cost' },
    h('h3', null, title),
    h('p', { class: 'note' }, means),
    isKnown ? [whiskers([before, after], top), h('dl', { class: 'rates' }, [line('In force', before), line('Tried', after)])] : h('p', { class: 'soft' }, 'Nobody decided on such comments yet, so nothing is known.'),
  );
}

/** @param {string} name @param {Rate} rate */
function line(name, { count: n, of, rate: value, interval }) {
  return h('div', null, h('dt', null, name), h('dd', null, h('strong', null, outOf(n, of)), ` · ${share(value)}`, h('br', null), h('span', { class: 'soft' }, `95% sure: ${between(interval)}`)));
}

/** @param {Rate[]} rates the one in force, then the one tried @param {number} top of the scale */
function whiskers(rates, top) {
  const height = 44;
  const draw = (/** @type {number} */ width) => {
    const x = (/** @type {number} */ n) => 7 + (n / top) * (width - 14);
    return [
      s('line', { class: 'grid', x1: x(0), x2: x(top), y1: 34, y2: 34 }),
      rates.map(({ rate: value, interval: { low, high } }, at) => {
        const y = at === 0 ? 8 : 24;
        return s('g', { class: at === 0 ? 'whisker before' : 'whisker' }, s('line', { x1: x(low), x2: x(high), y1: y, y2: y }), s('line', { x1: x(low), x2: x(low), y1: y - 3, y2: y + 3 }), s('line', { x1: x(high), x2: x(high), y1: y - 3, y2: y + 3 }), value === null ? null : s('circle', { cx: x(value), cy: y, r: 4.5 }));
      }),
      s('text', { class: 'tick', x: x(0), y: 44, 'text-anchor': 'start' }, '0'),
      s('text', { class: 'tick', x: x(top), y: 44, 'text-anchor': 'end' }, percent(top)),
    ];
  };
  const { svg } = drawing({ label: 'The same drawn: in force above, tried below', height: height + 2, draw });
  svg.setAttribute('aria-hidden', 'true');
  svg.removeAttribute('role');
  return svg;
}

/** What to know before believing it. @param {Figures} before @param {Figures} after @param {Notes} notes @returns {Child} */
export function caveats(before, after, { by_programs: programs, samples, other_provider: others, cut }) {
  const told = [
    before.published + after.published === 0 && 'Nothing is published at once: in mode “pre” whatever is neither spam nor refused waits.',
    after.unseen > 0 && `${count(after.unseen)} of the held were refused when they came: their text was not kept, so nobody knows what else would have become of them.`,
    'Nobody saw what the captcha refused, so what it lost is not counted. The setting captcha.explore lets a share of it wait.',
    samples > 0 && `${plural(samples, 'decision was', 'decisions were')} on samples of what a threshold keeps from the queue; each stands for all of its like in the two rates.`,
    programs > 0 && `${plural(programs, 'decision was', 'decisions were')} made by programs with a token.`,
    others > 0 && `${plural(others, 'comment was', 'comments were')} checked by another captcha; their scores are left out.`,
    cut && 'More came than is looked at: these are the newest 100,000.',
  ].filter((line) => line !== false);
  return h('ul', { class: 'caveats' }, told.map((line) => h('li', null, line)));
}
