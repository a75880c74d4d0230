// Where somebody is signed in, as a list.

import { h, time } from '../dom.js';
import { moment } from '../words.js';
import { Listing } from './listing.js';

/** @import { Context } from '../types.js' */
/** @typedef {{id: string, created_at: string, seen_at: string, device: string | null, current: boolean}} OpenSession */

/**
 * @param {Context} ctx
 * @param {{path: string, empty: string, end?: (session: OpenSession, list: Listing<OpenSession>) => void}} options
 *   `end`: what ends a session other than this one
 * @returns {Listing<OpenSession>}
 */
export function sessionList(ctx, { path, empty, end }) {
  /** @type {Listing<OpenSession>} */
  const list = new Listing({
    label: 'Sessions',
    fetch: (cursor) => ctx.api.get(path, { cursor }),
    key: ({ id }) => id,
    row: (session) => [
      h(
        'div',
        { class: 'entry-main' },
        h('p', { class: 'entry-head' }, h('span', { class: 'value' }, session.device ?? 'A device we do not know'), session.current && h('span', { class: 'badge' }, 'This one')),
        h('p', { class: 'entry-meta' }, 'used ', time(session.seen_at), ` · signed in on ${moment(session.created_at)}`),
      ),
      end && !session.current && h('p', { class: 'entry-acts' }, h('button', { type: 'button', class: 'button small', onclick: () => end(session, list), 'aria-label': `End the session on ${session.device ?? 'an unknown device'} of ${moment(session.created_at)}` }, 'End')),
    ],
    empty: () => empty,
  });
  return list;
}
