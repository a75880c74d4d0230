// Why a comment stands where it does: each signal in words with what it weighs, the risk they add up to, the
// captcha, the verdict.

import { h } from './dom.js';
import { level } from './row.js';
import { percent, signed } from './words.js';

/** @import { Item, Signal } from './types.js' */

/** The heaviest weight that a bar still tells apart. */
const FULL = 4;
const VERDICT = { publish: 'published at once', hold: 'held for a person', spam: 'marked as spam', reject: 'rejected by a word' };
const OUTCOME = { pass: 'passed', low: 'scored low', missing: 'no token came', unverified: 'could not be asked', off: 'switched off' };
/** Signals of the captcha's own score, which is not part of the risk. */
const isCaptchas = (/** @type {Signal} */ { name }) => name.startsWith('captcha.');

/** @param {Item} item */
export function evidence(item) {
  const own = item.signals.filter((signal) => !isCaptchas(signal));
  const captchas = item.signals.filter(isCaptchas);
  return h(
    'section',
    { class: 'part evidence' },
    h('h3', null, 'Signals'),
    h('p', { class: 'sums' }, h('span', { class: `risk ${level(item.risk)}` }, `Risk ${percent(item.risk)}`), h('span', { class: 'soft' }, `The program’s verdict: ${VERDICT[item.verdict] ?? item.verdict}`)),
    own.length > 0 ? list(own) : h('p', { class: 'soft' }, 'Nothing speaks for or against it.'),
    h('h4', null, 'Captcha'),
    h('p', { class: 'sums' }, h('span', null, captcha(item))),
    captchas.length > 0 && h('details', null, h('summary', null, `What its score is made of (${captchas.length})`), list(captchas)),
  );
}

/** @param {Item} item */
function captcha({ captcha: { provider, score, outcome } }) {
  const who = provider === 'builtin' ? 'Built-in check' : provider;
  const told = OUTCOME[outcome] ?? outcome;
  if (outcome === 'off') return 'Switched off';
  return score === null ? `${who}: ${told}` : `${who}: ${told}, ${percent(score)} human`;
}

/** @param {readonly Signal[]} signals */
export function list(signals) {
  return h('ul', { class: 'signals' }, signals.map(line));
}

/** @param {Signal} signal */
function line({ name, weight, text }) {
  const bar = h('span', { class: `bar ${weight < 0 ? 'good' : 'bad'}`, 'aria-hidden': 'true' }, h('span'));
  bar.style.setProperty('--part', `${Math.min(1, Math.abs(weight) / FULL) * 100}%`);
  return h('li', { title: name, dataset: { signal: name } }, h('span', { class: 'signal-text' }, text), bar, h('span', { class: 'number' }, signed(weight)));
}
