// What the desk calls the settings' terms, and how it puts spans of time and shares into words. Pure, but for the
// clock where none is given.

import { count, moment } from '../words.js';

/** Who publishes without a moderator. @type {Record<string, string>} */
export const MODES = { pre: 'Everything waits', trusted: 'Trusted authors are published', post: 'Published unless doubtful' };
/** What a person may do. @type {Record<string, string>} */
export const ROLES = { moderator: 'Moderator', admin: 'Admin' };
/** What a program may do. @type {Record<string, string>} */
export const SCOPES = { read: 'Read', decide: 'Read and decide', admin: 'Everything' };
/** Who checks the captcha. @type {Record<string, string>} */
export const PROVIDERS = {
  builtin: 'Built-in check', 'recaptcha-v3': 'reCAPTCHA v3', 'recaptcha-enterprise': 'reCAPTCHA Enterprise', hcaptcha: 'hCaptcha',
  turnstile: 'Turnstile', friendly: 'Friendly Captcha', siteverify: 'Another siteverify', none: 'No captcha',
};

/** @type {[string, number][]} */
const UNITS = [['day', 86_400], ['h', 3600], ['min', 60], ['s', 1]];

/** A span in its two largest units: 3 h 20 min. @param {number} seconds */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first < 0) return 'under 1 s';
  const [name, size] = UNITS[first] ?? ['s', 1];
  const n = Math.floor(whole / size);
  const [next, small] = UNITS[first + 1] ?? ['', 0];
  const rest = small > 0 ? Math.floor((whole - n * size) / small) : 0;
  const told = `${count(n)} ${name === 'day' && n !== 1 ? 'days' : name}`;
  return rest > 0 && n < 10 ? `${told} ${rest} ${next}` : told;
}

/** Until when, in words. @param {string | null} iso @param {number} [now] in milliseconds */
export function until(iso, now = Date.now()) {
  if (iso === null) return 'for good';
  const seconds = (new Date(iso).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return `until ${iso}`;
  return seconds <= 0 ? `ended on ${moment(iso)}` : `until ${moment(iso)}, for another ${span(seconds)}`;
}

/** Both ends of an interval: 0.0 to 1.2%. @param {{low: number, high: number}} interval */
export function between({ low, high }) {
  const part = (/** @type {number} */ n) => (n * 100).toFixed(1);
  return `${part(low)} to ${part(high)}%`;
}

/** So many of so many. @param {number} n @param {number} all */
export const outOf = (n, all) => `${count(n)} of ${count(all)}`;
/** A share of 1, or a dash where there is none. @param {number | null} n */
export const share = (n) => (n === null ? '–' : `${(n * 100).toFixed(1)}%`);
/** The path of an address, for where the site is told already. @param {string} page */
export function pathOf(page) {
  try {
    const { pathname, search } = new URL(page, 'http://page.invalid');
    return decodeURI(pathname + search);
  } catch {
    return page;
  }
}
