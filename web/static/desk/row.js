// One row of the list: who, when, how it begins, where, and what is worth knowing before it is opened.

import { h, time } from './dom.js';
import { seen } from './text.js';
import { excerpt, percent, plural, STATUS } from './words.js';

/** @import { Settled } from './model.js' */
/** @import { Item } from './types.js' */

/** @typedef {{open: boolean, chosen: boolean, settled: Settled | null, me: string, showsStatus: boolean, href: string}} RowState */

/** How alarming a risk is. @param {number} risk */
export const level = (risk) => (risk >= 0.5 ? 'warn' : risk >= 0.2 ? 'note' : 'plain');

/** @param {Item} item @param {RowState} state */
export function row(item, state) {
  const name = item.name || 'No name';
  return h(
    'li',
    { class: `row${state.settled ? ' settled' : ''}${state.chosen ? ' chosen' : ''}`, dataset: { id: item.id } },
    h('label', { class: 'row-check' }, h('input', { type: 'checkbox', checked: state.chosen, disabled: !!state.settled, 'aria-label': `Choose the comment of ${name}` })),
    h(
      'a',
      { class: 'row-open', href: state.href, 'aria-current': state.open ? 'true' : null },
      h('span', { class: 'row-top' }, h('bdi', { class: 'row-name' }, name), item.by_staff && h('span', { class: 'badge' }, 'Newsroom'), time(item.created_at)),
      h('span', { class: 'row-text', dir: 'auto' }, begins(item.body)),
      h('span', { class: 'row-foot' }, h('span', { class: 'row-page' }, item.title || item.page), marks(item, state)),
    ),
  );
}

/** How a text begins, without what nobody sees: such characters could turn the rest of the row. @param {string} body */
function begins(body) {
  const parts = seen(body.slice(0, 800));
  return excerpt(parts.map(({ text, unseen }) => (unseen ? '' : text)).join(''), 180);
}

/** @param {Item} item @param {RowState} state */
function marks(item, { settled, me, showsStatus }) {
  if (settled) return h('span', { class: 'badge note' }, settledInWords(settled, me));
  return [
    item.claimed_by && item.claimed_by !== me && h('span', { class: 'badge note' }, `${item.claimed_by} is on it`),
    item.reports.count > 0 && h('span', { class: 'badge warn' }, plural(item.reports.count, 'report')),
    item.cluster && item.cluster.count > 1 && h('span', { class: 'badge', title: 'Near-copies that stand alike' }, `×${item.cluster.count}`, h('span', { class: 'unseen' }, ' near-copies')),
    showsStatus && h('span', { class: `badge ${item.status === 'approved' ? '' : item.status === 'pending' ? 'note' : 'plain'}` }, STATUS[item.status]),
    h('span', { class: `risk ${level(item.risk)}` }, h('span', { class: 'unseen' }, 'Risk '), percent(Math.round(item.risk * 100) / 100)),
  ];
}

/** @param {Settled} settled @param {string} me */
export function settledInWords({ status, by }, me) {
  const done = { pending: 'Put back', approved: 'Published', rejected: 'Rejected', spam: 'Spam', deleted: 'Taken back' }[status];
  if (status === 'deleted') return by ? `${done} by ${by}` : `${done} by its author`;
  return by ? `${done} by ${by === me ? 'you, elsewhere' : by}` : done;
}
