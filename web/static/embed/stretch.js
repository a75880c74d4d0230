// Which stretch of the comments is asked for, and what its answer does to the thread: from the start in some order (`sort`),
// around one comment (`at`), or on from the last (`cursor`).

import { fire } from './dom.js';

/**
 * @import { Answer } from './api.js'
 * @import { Thread } from './thread.js'
 */

/** @param {Thread} thread @param {{at?: string, cursor?: string | null, sort?: string}} [more] @param {Promise<Answer>} [asked] */
export async function loadStretch(thread, more = {}, asked) {
  const { base, host, api, texts } = thread.desk;
  const { at, cursor, sort = base.sort } = more;
  base.sort = sort;
  const run = (thread.run += 1);
  thread.next = () => {};
  thread.tail('loading');
  const { status, body } = await (asked ?? api.get('api/comments', { ...base, ...more }));
  if (run !== thread.run) return;
  if (body?.code === 'invalid_cursor') return void loadStretch(thread);
  if (!body?.comments) {
    // A refusal says what is wrong with the page; all else is over soon.
    thread.tail('retry', (status >= 400 && status < 429 && body?.detail) || texts.say('thread.failed'));
    thread.next = () => void loadStretch(thread, more);
    fire(host, 'error', { code: status ? (body?.code ?? 'unknown') : 'offline', status });
    return;
  }
  const isHere = cursor && thread.more.matches(':focus');
  thread.cursor = body.next_cursor;
  thread.next = () => void loadStretch(thread, { cursor: thread.cursor });
  if (!cursor) {
    thread.at = at;
    thread.items.clear();
    thread.list.replaceChildren(thread.last);
  }
  const [first] = thread.fill(body);
  if (isHere) first?.article.focus({ preventScroll: true });
  thread.tail(thread.cursor ? 'more' : '');
  if (!cursor) fire(host, 'ready', { total: body.total });
}
