// The pages that are commented: what waits where, closing a page, its title, and who publishes there.

import { inWords } from '../api.js';
import { dialog } from '../dialog.js';
import { away, h, time } from '../dom.js';
import { address } from '../routes.js';
import { count, moment } from '../words.js';
import { Filters, siteWish } from './filters.js';
import { field, form, input, select } from './forms.js';
import { Listing } from './listing.js';
import { sheet } from './sheet.js';
import { MODES, pathOf } from './terms.js';

/** @import { Context, View } from '../types.js' */
/**
 * @typedef {{
 *   site: string, page: string, title: string | null, closed: boolean, mode: 'pre' | 'trusted' | 'post' | null,
 *   first_at: string | null, closes_at?: string | null, approved: number, pending: number,
 * }} Page
 */

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  /** @type {Listing<Page>} */
  const list = new Listing({
    label: 'Pages',
    fetch: (cursor) => ctx.api.get('/moderation/pages', { q: ctx.query.q, site: ctx.query.site, closed: ctx.query.closed, order: ctx.query.order, cursor }),
    key: ({ site, page }) => `${site} ${page}`,
    row: (page) => row(page, ctx, list),
    empty: () => (filters.isNarrowed ? 'No page matches.' : 'No page was commented yet.'),
  });
  const filters = new Filters(ctx, [
    { name: 'q', label: 'Words', kind: 'search', hint: 'In the title or address', wide: true },
    { name: 'closed', label: 'Comments', options: { '': 'Open and closed', false: 'Open', true: 'Closed' } },
    siteWish(ctx),
    { name: 'order', label: 'Order', options: { '': 'Newest first', waiting: 'Most waiting first' } },
  ], () => void list.load());
  const other = async () => {
    if (await otherDialog(ctx)) await list.load();
  };
  await list.load();
  const hold = async () => (await import('./hold.js')).holdDialog(ctx, ctx.sites.length === 1 ? { site: ctx.sites[0] } : {});
  const buttons = [
    h('button', { type: 'button', class: 'button', onclick: () => void other() }, 'Close another page'),
    h('button', { type: 'button', class: 'button', onclick: () => void hold() }, 'Hold everything for…'),
  ];
  return {
    element: sheet({ title: 'Pages', lead: 'Where readers comment. A closed page keeps what is published and takes no more.', acts: buttons }, filters.element, list.element),
    title: 'Pages',
    update: (route) => filters.update(route),
  };
}

/** @param {Page} page @param {Context} ctx @param {Listing<Page>} list */
function row(page, ctx, list) {
  const { site, page: url, title, closed, mode, first_at: first, closes_at: closes, approved, pending } = page;
  const name = title || pathOf(url);
  const queue = (/** @type {string} */ status) => address('page', null, { page: url, site, status });
  const isOver = closes !== null && closes !== undefined && new Date(closes).getTime() <= Date.now();
  const change = (/** @type {Partial<Page>} */ to, /** @type {string} */ told) => void patch(ctx, list, page, to, told);
  const modes = Object.entries({ '': 'As on the site', ...MODES }).map(([value, label]) => h('option', { value, selected: value === (mode ?? '') }, label));
  return [
    h(
      'div',
      { class: 'entry-main' },
      h('p', { class: 'entry-head' }, h('span', { class: 'value' }, away(url, h('bdi', null, name))), closed && h('span', { class: 'badge warn' }, 'Closed'), !closed && isOver && h('span', { class: 'badge plain' }, 'Closed by its age')),
      h('p', { class: 'entry-meta' }, [title && pathOf(url), ctx.sites.length > 1 && site].filter(Boolean).join(' · '), (title || ctx.sites.length > 1) && ' · ', first ? ['first commented ', time(first)] : 'never commented', closes && !isOver && ` · closes on ${moment(closes)}`),
      h('p', { class: 'entry-counts' }, h('a', { href: queue('pending'), class: pending > 0 ? 'strong' : null }, `${count(pending)} waiting`), h('a', { href: queue('approved') }, `${count(approved)} published`)),
    ),
    h(
      'div',
      { class: 'entry-acts' },
      h('label', { class: 'choice' }, h('input', { type: 'checkbox', role: 'switch', checked: !closed, 'aria-label': `Takes comments: ${name}`, onchange: () => change({ closed: !closed }, closed ? 'The page takes comments again.' : 'The page is closed.') }), h('span', { 'aria-hidden': 'true' }, 'Takes comments')),
      h('button', { type: 'button', class: 'link', 'aria-label': `Edit title of ${name}`, onclick: () => void titleDialog(ctx, list, page) }, 'Edit title'),
      h('button', { type: 'button', class: 'link', 'aria-label': `Hold everything for… on ${name}`, onclick: () => void import('./hold.js').then(({ holdDialog }) => holdDialog(ctx, { site, page: url })) }, 'Hold everything for…'),
      h('select', { class: 'small', 'aria-label': `Who publishes on ${name}`, onchange: (/** @type {Event} */ { target }) => change({ mode: /** @type {any} */ (/** @type {HTMLSelectElement} */ (target).value || null) }, 'The page has another mode.') }, modes),
    ),
  ];
}

/** @param {Context} ctx @param {Listing<Page>} list @param {Page} page @param {Partial<Page>} to @param {string} told */
async function patch(ctx, list, page, to, told) {
  try {
    list.replace(await ctx.api.patch('/moderation/pages', { page: page.page, site: page.site, ...to }));
    ctx.announce(told);
  } catch (error) {
    list.replace(page);
    ctx.toast(inWords(error), { tone: 'warn' });
  }
}

/** @param {Context} ctx @param {Listing<Page>} list @param {Page} page */
async function titleDialog(ctx, list, page) {
  const title = field('Title', input({ value: page.title ?? '', maxlength: 300 }), ['Readers of the thread and the feed see it. Empty takes it away. ', h('span', { class: 'soft' }, pathOf(page.page))]);
  const made = dialog({
    title: 'The page’s title',
    wide: true,
    keep: () => title.control.value !== (page.title ?? ''),
    content: (/** @type {(page: Page | null) => void} */ close) => {
      const send = async () => close(await ctx.api.patch('/moderation/pages', { page: page.page, site: page.site, title: title.control.value.trim() || null }));
      return form({ label: 'Keep', send, fields: { title }, more: h('button', { type: 'button', class: 'button', onclick: () => close(null) }, 'Cancel') }, title.element);
    },
  });
  const now = await made.closed;
  if (now) list.replace(now);
}

/** A page by its address, which nobody need have commented. @param {Context} ctx @returns {Promise<boolean>} whether it was closed */
async function otherDialog(ctx) {
  const page = field('Address', input({ required: true, maxlength: 2048, inputmode: 'url', autocapitalize: 'none', spellcheck: 'false', value: /^(https?:\/\/|\/)/.test(ctx.query.q ?? '') ? ctx.query.q : '' }), 'The article’s address, or its path. It need not have a comment yet.');
  const site = field('Site', select(Object.fromEntries(ctx.sites.map((id) => [id, id])), ctx.query.site ?? ctx.sites[0] ?? ''), 'Which site a path is on.');
  const made = dialog({
    title: 'Close another page',
    wide: true,
    keep: () => page.control.value !== '',
    content: (close) => {
      const send = async () => {
        const typed = page.control.value.trim();
        await ctx.api.patch('/moderation/pages', { page: typed, ...(ctx.sites.length > 1 && typed.startsWith('/') ? { site: site.control.value } : {}), closed: true });
        ctx.toast('The page is closed.');
        close('done');
      };
      return form({ label: 'Close it', send, fields: { page, site }, more: h('button', { type: 'button', class: 'button', onclick: () => close(null) }, 'Cancel') }, page.element, ctx.sites.length > 1 && site.element);
    },
  });
  return (await made.closed) !== null;
}
