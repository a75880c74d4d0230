// The four thresholds: which values each may have beside the others, and how they are written in addresses and in
// the settings file. Pure.

/** @import { Query } from '../../types.js' */
/** @typedef {{captcha: {reject_below: number, hold_below: number}, scoring: {hold_at: number, spam_at: number}}} Thresholds */
/** @typedef {'reject_below' | 'hold_below' | 'hold_at' | 'spam_at'} Name */
/** @typedef {{name: Name, group: 'captcha' | 'scoring', label: string, means: (value: string) => string}} Dial */

/** @type {Record<Name, Dial>} */
export const DIALS = {
  reject_below: { name: 'reject_below', group: 'captcha', label: 'Refuse below', means: (value) => `${value}: a lower score is refused` },
  hold_below: { name: 'hold_below', group: 'captcha', label: 'Hold below', means: (value) => `${value}: a lower score waits` },
  hold_at: { name: 'hold_at', group: 'scoring', label: 'Hold from', means: (value) => `${value}: this risk and more waits` },
  spam_at: { name: 'spam_at', group: 'scoring', label: 'Spam from', means: (value) => `${value}: this risk and more is marked as spam` },
};
const NAMES = /** @type {Name[]} */ (Object.keys(DIALS));

/** @param {Thresholds} thresholds @param {Name} name @returns {number} */
export const valueOf = ({ captcha, scoring }, name) => ({ ...captcha, ...scoring })[name];

/** What it may be beside its neighbour. @param {Thresholds} thresholds @param {Name} name @returns {{min: number, max: number}} */
export function bounds({ captcha, scoring }, name) {
  if (name === 'reject_below') return { min: 0, max: captcha.hold_below };
  if (name === 'hold_below') return { min: captcha.reject_below, max: 1 };
  if (name === 'hold_at') return { min: 0, max: scoring.spam_at };
  return { min: scoring.hold_at, max: 1 };
}

/** With another value for one, as near to it as may be. @param {Thresholds} thresholds @param {Name} name @param {number} wanted @returns {Thresholds} */
export function withValue(thresholds, name, wanted) {
  const { min, max } = bounds(thresholds, name);
  const value = Math.min(max, Math.max(min, tidy(wanted)));
  const { group } = DIALS[name];
  return { ...thresholds, [group]: { ...thresholds[group], [name]: value } };
}

/** Without the dust of binary fractions. @param {number} n */
const tidy = (n) => Math.round(n * 1000) / 1000;

/** As it is read, with two places where they are enough. @param {number} n */
export const shown = (n) => (tidy(n * 100) % 1 === 0 ? n.toFixed(2) : String(tidy(n)));

/** @param {Thresholds} one @param {Thresholds} other */
export const changed = (one, other) => NAMES.filter((name) => valueOf(one, name) !== valueOf(other, name));

/** What of an address is tried, the rest as in force. @param {Query} query @param {Thresholds} inForce */
export function fromQuery(query, inForce) {
  // The upper ones first, so that a pair that moved up together is not held back by the order.
  const given = ['hold_below', 'reject_below', 'spam_at', 'hold_at'].flatMap((name) => {
    const value = Number(query[name] || NaN);
    return value >= 0 && value <= 1 ? [{ name: /** @type {Name} */ (name), value }] : [];
  });
  const once = (/** @type {Thresholds} */ from) => given.reduce((thresholds, { name, value }) => withValue(thresholds, name, value), from);
  return once(once(inForce));
}

/** @param {Thresholds} tried @param {Thresholds} inForce @returns {Query} */
export function toQuery(tried, inForce) {
  const differing = changed(tried, inForce);
  return Object.fromEntries(NAMES.map((name) => [name, differing.includes(name) ? String(valueOf(tried, name)) : '']));
}

/** The lines for the settings file: what differs, or all where nothing does. @param {Thresholds} tried @param {Thresholds} inForce @param {string | null} site whose own they are; null is everybody's */
export function toml(tried, inForce, site) {
  const differing = changed(tried, inForce);
  const names = differing.length > 0 ? differing : NAMES;
  const number = (/** @type {number} */ n) => (Number.isInteger(n) ? n.toFixed(1) : String(n));
  const table = (/** @type {'captcha' | 'scoring'} */ group) => {
    const own = names.filter((name) => DIALS[name].group === group);
    return own.length > 0 ? [[`[${site === null ? '' : 'site.'}${group}]`, ...own.map((name) => `${name} = ${number(valueOf(tried, name))}`)].join('\n')] : [];
  };
  const head = site === null ? [] : [`# below the [[site]] whose id is ${JSON.stringify(site)}`];
  return `${[...head, [...table('captcha'), ...table('scoring')].join('\n\n')].join('\n')}\n`;
}
