// Lists that are about something: one author, one page, one group of near-copies, one comment. The queue's own list
// with a heading that says what it is about.

import { fill, h } from './dom.js';
import { record } from './item.js';
import { queueView } from './queue.js';
import { plural } from './words.js';

/** @import { Context, Item, View } from './types.js' */

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  const { route, params, query } = ctx;
  if (route === 'comment') return one(ctx);
  if (route === 'page') return queueView(ctx, { title: 'Page', above: h('p', { class: 'about' }, query.page ?? '') });
  const about = h('p', { class: 'about' });
  const title = route === 'author' ? 'Author' : 'Near-copies';
  const made = queueView(ctx, { title, above: about });
  void tell(ctx, about, params.id ?? '');
  return made;
}

/** @param {Context} ctx @param {HTMLElement} about @param {string} id */
async function tell(ctx, about, id) {
  const { items } = await ctx.api.get('/moderation/comments', { [ctx.route]: id, status: 'all', order: 'newest', limit: 1 }).catch(() => ({ items: [] }));
  /** @type {Item | undefined} */
  const item = items[0];
  if (item && ctx.route === 'author') fill(about, h('bdi', null, item.name), ' · ', record(item));
  else if (item) fill(about, item.cluster ? `${plural(item.cluster.count, 'comment stands', 'comments stand')} as the newest does` : 'Nothing is near it any more');
}

/** One comment by its address. @param {Context} ctx */
function one(ctx) {
  const id = ctx.params.id ?? '';
  return queueView(ctx, { title: 'Comment', fetch: async () => ({ items: [await ctx.api.get(`/moderation/comments/${id}`)], next_cursor: null }) });
}
