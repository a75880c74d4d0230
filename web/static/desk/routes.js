// Which address is which view, and what a list of comments asks the server for. Pure: an address in, a route and a
// question out.

import { STATUS } from './words.js';

/** @import { Query, Route, Status } from './types.js' */

/**
 * @typedef {{title: string, module: string, group: 'queue' | 'find' | 'work' | 'admin' | 'own', isAdmin?: boolean, keys?: string, isHidden?: boolean}} Place
 *   `module`: which file makes it; `keys`: the keyboard's way there; `isHidden`: the navigation does not name it
 */

/** In the order of the navigation. @type {Record<string, Place>} */
export const PLACES = {
  waiting: { title: 'Waiting', module: 'queue', group: 'queue', keys: 'g w' },
  published: { title: 'Published', module: 'queue', group: 'queue', keys: 'g p' },
  rejected: { title: 'Rejected', module: 'queue', group: 'queue', keys: 'g r' },
  spam: { title: 'Spam', module: 'queue', group: 'queue', keys: 'g s' },
  search: { title: 'Search', module: 'search', group: 'find', keys: 'g f' },
  author: { title: 'Author', module: 'scopes', group: 'find', isHidden: true },
  page: { title: 'Page', module: 'scopes', group: 'find', isHidden: true },
  cluster: { title: 'Near-copies', module: 'scopes', group: 'find', isHidden: true },
  comment: { title: 'Comment', module: 'scopes', group: 'find', isHidden: true },
  pages: { title: 'Pages', module: 'views/pages', group: 'work', keys: 'g a' },
  bans: { title: 'Bans', module: 'views/bans', group: 'work', keys: 'g b' },
  refusals: { title: 'Captcha refusals', module: 'views/refusals', group: 'work', keys: 'g c' },
  statistics: { title: 'Statistics', module: 'views/statistics', group: 'work', keys: 'g n' },
  audit: { title: 'Record', module: 'views/audit', group: 'work', keys: 'g h' },
  lab: { title: 'Thresholds', module: 'views/lab', group: 'work', keys: 'g t' },
  people: { title: 'People', module: 'views/people', group: 'admin', isAdmin: true, keys: 'g m' },
  tokens: { title: 'API tokens', module: 'views/tokens', group: 'admin', isAdmin: true, keys: 'g k' },
  sites: { title: 'Sites', module: 'views/sites', group: 'admin', isAdmin: true, keys: 'g i' },
  account: { title: 'Your account', module: 'views/account', group: 'own', keys: 'g y' },
};

/** The route of an address's fragment; the waiting ones where it names none. @param {string} hash @returns {Route} */
export function parse(hash) {
  const [path = '', search = ''] = split(hash.replace(/^#\/?/, ''));
  const [name = '', id = ''] = path.split('/').map(decoded);
  if (!Object.hasOwn(PLACES, name)) return { name: 'waiting', id: null, query: {} };
  return { name, id: id || null, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The address of a route, without what is empty. @param {string} name @param {string | null} [id] @param {Query} [query] */
export function address(name, id = null, query = {}) {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return `#/${name}${id ? `/${encodeURIComponent(id)}` : ''}${search && `?${search}`}`;
}

/** @param {string} text */
function split(text) {
  const at = text.indexOf('?');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

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
