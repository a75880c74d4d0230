// What a list is a list of: how an address becomes the question for the server, and which comments stay in the
// list when their status changes. Pure.

import { STATUS } from './words.js';

/** @import { Query, Status } from './types.js' */

/**
 * @typedef {{
 *   name: string, title: string, status: Status | null, params: Record<string, string>, empty: string,
 *   order: 'oldest' | 'newest' | 'risk',
 * }} Scope `status`: the only one the list holds; null is any
 */

/** @type {Record<string, Status>} */
const STATUS_OF = { waiting: 'pending', published: 'approved', rejected: 'rejected', spam: 'spam' };
/** @type {Record<Status, string>} */
const EMPTY = {
  pending: 'All done. What comes in from now on is told here.',
  approved: 'Nothing is published yet.',
  rejected: 'Nothing was rejected.',
  spam: 'No spam here.',
};
/** What of an address the server is asked for as it is. */
const ASKED = ['site', 'page', 'q', 'author', 'cluster', 'since', 'until', 'score_min', 'score_max', 'risk_min', 'risk_max', 'reported'];
const ORDERS = /** @type {const} */ (['oldest', 'newest', 'risk']);

/** How many rows a list asks for: few to begin with, so that they are there at once. @param {Scope} scope @param {string | null} cursor */
export const asked = ({ params }, cursor) => ({ ...params, limit: cursor ? 100 : 30, cursor });

/** @param {string} name of the route @param {string | null} id @param {Query} query @returns {Scope} */
export function scopeOf(name, id, query) {
  const fixed = STATUS_OF[name] ?? null;
  const status = fixed ?? (isStatus(query.status) ? query.status : null);
  const order = ORDERS.find((order) => order === query.order) ?? (name === 'waiting' || name === 'cluster' ? 'oldest' : 'newest');
  const narrowed = Object.fromEntries(ASKED.flatMap((key) => (query[key] ? [[key, query[key]]] : [])));
  /** @type {Record<string, string>} */
  const own = name === 'author' && id ? { author: id } : name === 'cluster' && id ? { cluster: id } : {};
  // Near-copies are one row where one works through them; who searches wants each.
  /** @type {Record<string, string>} */
  const collapse = fixed && !query.q ? { collapse: 'cluster' } : {};
  return {
    name,
    title: fixed ? STATUS[fixed] : '',
    status,
    params: { ...narrowed, ...own, ...collapse, status: status ?? 'all', order },
    empty: fixed && Object.keys(narrowed).length === 0 ? EMPTY[fixed] : 'Nothing matches.',
    order,
  };
}

/** @param {string | undefined} text @returns {text is Status} */
function isStatus(text) {
  return text !== undefined && Object.hasOwn(STATUS, text);
}
