// A decision that the server did not take: who was first, that the comment is gone or another now, or what stood in the
// way; each with what can be done about it.

import { inWords, Problem } from './api.js';
import { toast } from './toast.js';
import { ago, COMMAND, STATUS } from './words.js';

/** @import { Ticket } from './decide.js' */
/** @import { Item, Status } from './types.js' */

/**
 * @typedef {{decide: (item: Item, version?: number) => void, know: (version: number | null) => void, apply: (status: Status) => void, look: () => void}} Means
 *   `decide`: the same again; `apply`: show it as it stands
 */

/** @type {Record<string, string>} */
const DECIDED = { pending: 'put it back', approved: 'published it', rejected: 'rejected it', spam: 'marked it as spam' };

/** @param {unknown} error @param {Ticket} ticket @param {string} me who decided @param {Means} means */
export function refused(error, ticket, me, means) {
  const { item, action, back } = ticket;
  if (error instanceof Problem && error.code === 'version_conflict') return conflict(ticket, error.more, me, means);
  if (error instanceof Problem && error.status === 404) {
    toast(`The comment of ${item.name} is gone. Its author took it back, its time was over, or it was erased.`, { tone: 'warn' });
    return;
  }
  back();
  toast(`“${COMMAND[action]}” was not done for ${item.name}. ${inWords(error)}`, { tone: 'warn', sticky: true, actions: [{ label: 'Try again', run: () => means.decide(item) }] });
}

/** @param {Ticket} ticket @param {Record<string, any>} more @param {string} me @param {Means} means */
function conflict({ item, action, back }, more, me, { decide, know, apply, look }) {
  const status = /** @type {Status} */ (more.status_now);
  back();
  if (status === item.status) {
    // Nobody decided: the words are others now, and must be read before anything else.
    toast(`The comment of ${item.name} was changed since you opened it, so “${COMMAND[action]}” was not done. Read it again.`, { tone: 'warn', sticky: true, actions: [{ label: 'Look', run: look }] });
    look();
    return;
  }
  know(more.version ?? null);
  const who = more.decided_by === me ? 'You, elsewhere,' : (more.decided_by ?? 'Somebody else');
  const when = more.decided_at ? ` ${ago(more.decided_at)}` : '';
  apply(status);
  const again = { label: `${COMMAND[action]} all the same`, run: () => decide({ ...item, status, version: more.version }, more.version) };
  toast(`${who} ${DECIDED[status] ?? `made it ${STATUS[status]}`}${when}: ${item.name}. “${COMMAND[action]}” was not done.`, { tone: 'warn', sticky: true, actions: [{ label: 'Look', run: look }, again] });
}
