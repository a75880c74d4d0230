// Who is kept out, or looked at first: the bans in force, setting one, ending one. An address is shown to admins
// alone; everybody else sees the comment that it was drawn from.

import { banDialog, KINDS } from '../ban.js';
import { h, time } from '../dom.js';
import { inWords } from '../api.js';
import { address } from '../routes.js';
import { moment, plural } from '../words.js';
import { Filters, siteWish } from './filters.js';
import { Listing } from './listing.js';
import { sheet } from './sheet.js';
import { until } from './terms.js';

/** @import { Child } from '../dom.js' */
/** @import { Context, View } from '../types.js' */
/**
 * @typedef {{
 *   id: string, kind: string, value: string | null, from_comment: string | null, mode: 'refuse' | 'hold' | 'shadow', site: string | null,
 *   reason: string | null, created_by: string, created_at: string, expires_at: string | null, applied?: number,
 * }} Ban
 */

const DOES = { refuse: 'Refused, and told so', hold: 'Waits for a person', shadow: 'Spam, unseen by the sender' };
/** What a ban goes by, before what it goes by. @type {Record<string, string>} */
const GOES_BY = { email: 'Email', email_domain: 'Emails at', name: 'Name', ip: 'Address', network: 'Network', link_domain: 'Links to' };
/** The same where the value is not shown. @type {Record<string, string>} */
const UNSEEN = { ip: 'The address', network: 'The network' };

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  /** @type {Listing<Ban>} */
  const list = new Listing({
    label: 'Bans',
    fetch: (cursor) => ctx.api.get('/moderation/bans', { kind: filters.query.kind, site: filters.query.site, q: filters.query.q, cursor }),
    key: ({ id }) => id,
    row: (ban) => row(ban, ctx, () => end(ban, ctx, list)),
    empty: () => (filters.isNarrowed ? 'No ban matches.' : 'Nobody is banned.'),
  });
  const filters = new Filters(ctx, [
    { name: 'q', label: 'Words', kind: 'search', hint: 'Whom it meets, why, set by', wide: true },
    { name: 'kind', label: 'Goes by', options: { '': 'Anything', ...KINDS } },
    siteWish(ctx),
  ], () => void list.load());
  const add = async () => {
    if (await banDialog(ctx, {})) await list.load();
  };
  await list.load();
  const button = h('button', { type: 'button', class: 'button primary', onclick: () => void add() }, 'Set a ban');
  return {
    element: sheet({ title: 'Bans', lead: 'Those in force, newest first. To ban the author of a comment, open the comment.', acts: button }, filters.element, list.element),
    title: 'Bans',
    keys: [{ keys: ['n'], label: 'Set a ban', group: 'Here', run: () => void add() }],
    update: (route) => filters.update(route),
  };
}

/** @param {Ban} ban @param {Context} ctx @param {() => void} end */
function row(ban, ctx, end) {
  const { mode, site, reason, created_by: by, created_at: at, expires_at: expires, applied } = ban;
  const isTheirs = site !== null || ctx.isAdmin;
  return [
    h(
      'div',
      { class: 'entry-main' },
      h('p', { class: 'entry-head' }, h('span', null, target(ban)), h('span', { class: `badge ${mode === 'hold' ? 'note' : 'warn'}` }, DOES[mode] ?? mode)),
      reason && h('p', { class: 'quote' }, reason),
      h('p', { class: 'entry-meta' }, dots([site === null ? 'On all sites' : ctx.sites.length > 1 && `On ${site}`, until(expires)]), ' · set by ', by, ' ', time(at), applied ? ` · dealt with ${plural(applied, 'waiting comment')}` : null),
    ),
    h('p', { class: 'entry-acts' }, isTheirs ? h('button', { type: 'button', class: 'button small', onclick: end, 'aria-label': `End the ban: ${inShort(ban)}` }, 'End') : h('span', { class: 'note' }, 'Admins can end it')),
  ];
}

/** Whom it meets. @param {Ban} ban @returns {Child} */
function target({ kind, value, from_comment: from }) {
  const link = from && h('a', { href: address('comment', from) }, 'this comment');
  if (value !== null) return [h('span', { class: 'soft' }, `${GOES_BY[kind] ?? kind} `), h('bdi', { class: 'value' }, value), link && h('span', { class: 'soft' }, ' from ', link)];
  return [h('span', { class: 'value' }, `${UNSEEN[kind] ?? KINDS[/** @type {keyof typeof KINDS} */ (kind)] ?? kind} behind `, link || 'a comment that is gone')];
}

/** @param {Ban} ban */
const inShort = ({ kind, value }) => (value !== null ? `${GOES_BY[kind] ?? kind} ${value}` : `${UNSEEN[kind] ?? kind} behind a comment`);

/** @param {(string | false)[]} parts */
const dots = (parts) => parts.filter((part) => part !== false).join(' · ');

/** @param {Ban} ban @param {Context} ctx @param {Listing<Ban>} list */
async function end(ban, ctx, list) {
  const why = ban.reason ? `for: “${ban.reason}”` : 'without a reason';
  const text = `${inShort(ban)}. ${ban.created_by} set it on ${moment(ban.created_at)} ${why}. What it did to comments stays.`;
  if (!(await ctx.confirm({ title: 'End this ban?', text, action: 'End the ban' }))) return;
  try {
    await ctx.api.delete(`/moderation/bans/${ban.id}`);
    ctx.toast('The ban is over.');
    list.remove(ban);
  } catch (error) {
    ctx.toast(inWords(error), { tone: 'warn' });
    await list.load();
  }
}
