// How the desk puts numbers, times and deeds into words. Pure, but for the clock where none is given.

/** @import { Action, Deed, Status } from './types.js' */

const LANGUAGE = 'en-GB';
/** Made when first wanted: each takes longer than all the rest of this file. @template T @param {() => T} make @returns {() => T} */
const later = (make) => {
  /** @type {T | undefined} */
  let made;
  return () => (made ??= make());
};
const relative = later(() => new Intl.RelativeTimeFormat(LANGUAGE, { style: 'short', numeric: 'auto' }));
const day = later(() => new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short' }));
const dayOfYear = later(() => new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short', year: 'numeric' }));
const full = later(() => new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' }));
const plain = later(() => new Intl.NumberFormat(LANGUAGE));
const share = later(() => new Intl.NumberFormat(LANGUAGE, { style: 'percent', maximumFractionDigits: 1 }));

/** What each status is called where comments stand so. @type {Record<Status, string>} */
export const STATUS = { pending: 'Waiting', approved: 'Published', rejected: 'Rejected', spam: 'Spam' };
/** The command that leads there. @type {Record<Action, string>} */
export const COMMAND = { approve: 'Approve', reject: 'Reject', spam: 'Spam', pending: 'Put back' };
/** What was done with it. @type {Record<Action, string>} */
export const DONE = { approve: 'Published', reject: 'Rejected', spam: 'Marked as spam', pending: 'Put back to waiting' };
/** Where an action leads. @type {Record<Action, Status>} */
export const LEADS_TO = { approve: 'approved', reject: 'rejected', spam: 'spam', pending: 'pending' };
/** The action that brings a comment back to a status. @type {Record<Status, Action>} */
export const BACK_TO = { approved: 'approve', rejected: 'reject', spam: 'spam', pending: 'pending' };

/** @type {Record<string, string>} */
const DEEDS = {
  'comment.approve': 'published it',
  'comment.reject': 'rejected it',
  'comment.spam': 'marked it as spam',
  'comment.pending': 'put it back to waiting',
  'comment.edit': 'changed the text',
  'comment.revise': 'changed the words',
  'comment.delete': 'took it back',
  'comment.reply': 'wrote it as a reply',
};

/** One line of a comment's history. @param {Deed} deed */
export function deedInWords({ who, action, from, to }) {
  const did = DEEDS[action] ?? (to ? `made it ${STATUS[to]?.toLowerCase() ?? to}` : action.replace(/^comment\./, '').replaceAll('_', ' '));
  const name = who === 'author' ? 'The author' : who === 'system' ? 'The program' : who;
  const moved = from && to && from !== to && !DEEDS[action]?.includes('it') ? `, which made it ${STATUS[to]?.toLowerCase() ?? to}` : '';
  return `${name} ${did}${moved}`;
}

/** @param {number} n */
export const count = (n) => plain().format(n);
/** @param {number} n of 1 */
export const percent = (n) => share().format(n);
/** A weight with its sign. @param {number} n */
export const signed = (n) => `${n < 0 ? '−' : '+'}${Math.abs(n).toFixed(1)}`;
/** @param {number} n @param {string} one @param {string} [many] */
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** The full moment. @param {string} iso */
export function moment(iso) {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : full().format(at);
}

/** How long ago in few characters; from a week on the day. @param {string} iso @param {number} [now] in milliseconds */
export function ago(iso, now = Date.now()) {
  const at = new Date(iso);
  const seconds = Math.round((now - at.getTime()) / 1000);
  if (Number.isNaN(seconds)) return iso;
  if (seconds < -60) return moment(iso);
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return relative().format(-Math.max(1, Math.round(seconds / 60)), 'minute');
  if (seconds < 86_400) return relative().format(-Math.round(seconds / 3600), 'hour');
  if (seconds < 7 * 86_400) return relative().format(-Math.round(seconds / 86_400), 'day');
  return (at.getFullYear() === new Date(now).getFullYear() ? day() : dayOfYear()).format(at);
}

/** A text on one line, cut at a length in whole characters. @param {string} text @param {number} most */
export function excerpt(text, most) {
  const characters = Array.from(text.slice(0, most * 4).replace(/\s+/g, ' ').trim());
  return characters.length > most ? `${characters.slice(0, most - 1).join('').trimEnd()}…` : characters.join('');
}
