// Decisions, shown as done before the server has answered. What it refuses is taken back and said; what could not
// be sent stays in an outbox and is tried again; everything can be undone.

import { guard, isPassing } from './api.js';
import { announce } from './dom.js';
import { address } from './routes.js';
import { toast } from './toast.js';
import { BACK_TO, DONE, LEADS_TO } from './words.js';

/** @import { Api } from './api.js' */
/** @import { Toast } from './toast.js' */
/** @import { Action, Item, Status } from './types.js' */

/**
 * A list that shows comments.
 * @typedef {{
 *   apply: (ids: readonly string[], status: Status) => () => void,
 *   updated: (item: Item) => void,
 *   look: (id: string) => void,
 *   reload: () => void,
 * }} Shower
 *   `apply`: show them as decided; gives back what takes it back. `updated`: the comment as it stands now
 */

/** @typedef {{item: Item, action: Action, reason: string | null, back: () => void, told: Toast | null, state: 'sending' | 'unsent' | 'done' | 'refused' | 'undone', version: number,
 *   isOver: boolean, sent: Promise<void>}} Ticket `isOver`: it is being undone */

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;
const MOST_UNDONE = 100;

export class Decider {
  #api;
  #me;
  /** @type {Shower | null} */
  #shower = null;
  /** The newest version of each comment that came of a decision here. @type {Map<string, number>} */
  #versions = new Map();
  /** What is decided about one comment is sent in turn. @type {Map<string, Promise<void>>} */
  #turns = new Map();
  /** @type {{label: string, undo: () => void}[]} */
  #undoable = [];
  /** @type {Set<Ticket>} */
  #unsent = new Set();
  #timer = 0;
  #pauseMs = FIRST_PAUSE_MS;
  /** Told how many decisions could not be sent yet. @type {(n: number) => void} */
  onOutbox = () => {};

  /** @param {Api} api @param {string} me who decides */
  constructor(api, me) {
    this.#api = api;
    this.#me = me;
    addEventListener('online', () => this.resend());
    guard(() => this.#unsent.size > 0);
  }

  /** Whether an answer is still to come. */
  get isBusy() {
    return this.#turns.size > 0;
  }

  /** @param {Shower} shower the list that is on the page now */
  attach(shower) {
    this.#shower = shower;
    return () => {
      if (this.#shower === shower) this.#shower = null;
    };
  }

  /** Whether what was heard of this comment is our own doing. @param {string} id @param {number} version */
  isOwn(id, version) {
    return this.#turns.has(id) || (this.#versions.get(id) ?? 0) >= version;
  }

  /** @param {Item} item @param {Action} action @param {string | null} [reason] @param {number} [version] decide over what stands there now */
  decide(item, action, reason = null, version) {
    const back = this.apply([item.id], LEADS_TO[action]);
    /** @type {Ticket} */
    const ticket = { item, action, reason, back, told: null, state: 'sending', version: version ?? item.version, isOver: false, sent: Promise.resolve() };
    ticket.told = toast(`${DONE[action]}: ${item.name}`, { actions: [{ label: 'Undo', run: () => undo() }] });
    const undo = this.undoable(ticket.told, () => this.#undo(ticket));
    ticket.sent = this.#inTurn(item.id, () => this.#send(ticket));
  }

  /** Undoes what was done last; what it was says itself. */
  undoLast() {
    const last = this.#undoable.pop();
    if (last) last.undo();
    else announce('There is nothing to undo.');
  }

  /** Registers what takes a decision back; gives back the same, to be called once. @param {Toast | null} told @param {() => void} act */
  undoable(told, act) {
    const entry = {
      label: '',
      undo: () => {
        this.#undoable = this.#undoable.filter((other) => other !== entry);
        told?.close();
        act();
      },
    };
    this.#undoable = [...this.#undoable, entry].slice(-MOST_UNDONE);
    return entry.undo;
  }

  /** Sends what could not be sent yet. */
  resend() {
    clearTimeout(this.#timer);
    for (const ticket of this.#unsent) {
      ticket.state = 'sending';
      ticket.sent = this.#inTurn(ticket.item.id, () => this.#send(ticket));
    }
  }

  /** Takes back what could not be sent yet. */
  drop() {
    for (const ticket of this.#unsent) {
      ticket.state = 'undone';
      ticket.told?.close();
      ticket.back();
    }
    this.#unsent.clear();
    this.#outbox();
  }

  /** Shows comments of the list on the page as decided; gives back what takes it back. @param {readonly string[]} ids @param {Status} status */
  apply(ids, status) {
    return this.#shower?.apply(ids, status) ?? (() => {});
  }

  /** The list on the page is asked for anew. */
  reload() {
    this.#shower?.reload();
  }

  /** The newest version of a comment that is known here. @param {Item} item */
  newest({ id, version }) {
    return Math.max(version, this.#versions.get(id) ?? 0);
  }

  /** Comes true once nothing that was decided here about a comment is on its way. @param {string} id */
  settled(id) {
    return this.#turns.get(id) ?? Promise.resolve();
  }

  /** A version that a decision led to. @param {string} id @param {number | null} version */
  know(id, version) {
    if (version !== null) this.#versions.set(id, Math.max(version, this.#versions.get(id) ?? 0));
  }

  /** @param {string} id @param {() => Promise<void>} act */
  #inTurn(id, act) {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(act);
    this.#turns.set(id, turn);
    void turn.finally(() => this.#turns.get(id) === turn && this.#turns.delete(id));
    return turn;
  }

  /** @param {Ticket} ticket */
  async #send(ticket) {
    if (ticket.state !== 'sending') return;
    const { item, action, reason } = ticket;
    const known = this.#versions.get(item.id) ?? 0;
    try {
      const version = Math.max(ticket.version, known);
      /** @type {Item} */
      const answer = await this.#api.post(`/moderation/comments/${item.id}/decision`, { action, version, reason });
      ticket.state = 'done';
      this.know(item.id, answer.version);
      this.#leave(ticket);
      this.#pauseMs = FIRST_PAUSE_MS;
      // What was decided about it since is not to be shown over.
      if (!ticket.isOver && this.#turns.get(item.id) === ticket.sent) this.#shower?.updated(answer);
    } catch (error) {
      if (isPassing(error)) return this.#keep(ticket);
      ticket.state = 'refused';
      this.#leave(ticket);
      await this.#refused(ticket, error);
    }
  }

  /** @param {Ticket} ticket */
  #keep(ticket) {
    ticket.state = 'unsent';
    this.#unsent.add(ticket);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.resend(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#outbox();
  }

  /** @param {Ticket} ticket */
  #leave(ticket) {
    if (this.#unsent.delete(ticket)) this.#outbox();
  }

  #outbox() {
    this.onOutbox(this.#unsent.size);
  }

  /** @param {Ticket} ticket @param {unknown} error */
  async #refused(ticket, error) {
    ticket.told?.close();
    const { refused } = await import('./refused.js');
    refused(error, ticket, this.#me, {
      decide: (item, version) => this.decide(item, ticket.action, ticket.reason, version),
      know: (version) => this.know(ticket.item.id, version),
      apply: (status) => void this.apply([ticket.item.id], status),
      look: () => (this.#shower ? this.#shower.look(ticket.item.id) : location.assign(address('comment', ticket.item.id))),
    });
  }

  /** @param {Ticket} ticket */
  async #undo(ticket) {
    const { item } = ticket;
    ticket.isOver = true;
    ticket.back();
    announce(`Undone: ${item.name}`);
    if (ticket.state === 'sending') await ticket.sent;
    if (this.#unsent.has(ticket)) {
      ticket.state = 'undone';
      this.#leave(ticket);
    }
    if (ticket.state !== 'done') return;
    const again = () => void this.apply([item.id], LEADS_TO[ticket.action]);
    /** @type {Ticket} */
    const undoing = { item, action: BACK_TO[item.status], reason: null, back: again, told: null, state: 'sending', version: 0, isOver: false, sent: Promise.resolve() };
    undoing.sent = this.#inTurn(item.id, () => this.#send(undoing));
  }
}
