// A list that is short enough to be had as a whole.

/** @import { Params } from '../api.js' */
/** @import { Context } from '../types.js' */

/** @param {Context} ctx @param {string} path @param {Params} [params] @returns {Promise<any[]>} */
export async function fetchAll({ api }, path, params = {}) {
  const items = [];
  let cursor = null;
  do {
    const page = await api.get(path, { limit: 200, ...params, cursor });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}
