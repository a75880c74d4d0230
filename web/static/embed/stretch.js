// Which stretch of the comments is asked for, and what its answer does to the thread: from the start in some order, around one
// comment (`at`), or on from the last (`cursor`).

import { fire } from './dom.js';
import { idIn } from './thread.js';

/**
 * @import { Answer, Api, Query } from './api.js'
 * @import { Comment } from './comment.js'
 * @import { Thread } from './thread.js'
 */

export class Stretch {
  /** @type {Thread} as soon as there are texts to draw it with */
  thread = /** @type {any} */ (null);
  /** @type {string | null} where the next one begins */
  cursor = null;
  /** What the button behind the last does. */
  next = () => {};
  #api;
  /** Grows whenever something is asked. */
  run = 0;
  /** @type {string | undefined} the comment that is shown with its surroundings */
  at;

  /** @param {Api} api @param {{page: string, limit: number, sort: string}} base */
  constructor(api, base) {
    this.#api = api;
    this.base = base;
  }

  /** Null where something else was asked meanwhile. @param {Query} [more] @returns {Promise<Answer | null>} */
  async ask(more) {
    const run = ++this.run;
    const answer = await this.#api.get('api/comments', { ...this.base, ...more });
    return run === this.run ? answer : null;
  }

  /** Shows the first stretch, and the comment that the address names. @param {Promise<Answer | null>} asked @param {string} hash of the address */
  async start(asked, hash) {
    const at = idIn(hash);
    const answer = await asked;
    const isSent = new URLSearchParams(location.search).get('replydesk') === 'pending';
    const isHere = isSent || answer?.status !== 200 || answer.body.comments.some((/** @type {Comment} */ { id }) => id === at);
    await (isHere || !at ? this.load({}, asked) : this.load({ at }));
    this.thread.reveal(at);
    if (isSent) this.thread.notice('form.pending');
  }

  /** @param {{at?: string, cursor?: string | null, sort?: string}} more @param {Promise<Answer | null>} [asked] */
  async load(more = {}, asked = this.ask(more)) {
    const { thread } = this;
    const { at, cursor, sort = this.base.sort } = more;
    this.base.sort = sort;
    this.next = () => {};
    thread.tail('loading');
    const answer = await asked;
    if (!answer) return;
    const { status, body } = answer;
    const isGone = status === 404 && at;
    if (body?.code === 'invalid_cursor' || (isGone && !thread.items.size)) await this.load();
    else if (status === 200) {
      const isHere = thread.more.matches(':focus');
      this.cursor = body.next_cursor;
      if (!cursor) {
        this.at = at;
        thread.clear();
        thread.notice(at && 'thread.around', 'all');
      }
      const [first] = thread.fill(body);
      if (cursor && isHere) first?.article.focus({ preventScroll: true });
      if (!cursor) fire(thread.desk.host, 'ready', { total: body.total });
      thread.reveal(at);
    } else if (!isGone) {
      // A refusal says what is wrong with the page; all else is over soon.
      thread.tail('retry', (status >= 400 && status < 429 && body?.detail) || thread.texts.say('thread.failed'));
      this.next = () => void this.load(more);
      fire(thread.desk.host, 'error', { code: status ? (body?.code ?? 'unknown') : 'offline', status });
      return;
    }
    thread.tail(this.cursor ? 'more' : '');
    this.next = () => void this.load({ cursor: this.cursor });
    if (isGone) thread.notice('thread.gone');
  }
}
