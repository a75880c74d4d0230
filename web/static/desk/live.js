// What happens elsewhere, as it happens: the server's stream, and where there is none, a look at the counts every
// 15 seconds. Says in which of the three states it is; knows nothing of what an event means.

import { Problem } from './api.js';

/** @import { Api } from './api.js' */
/** @import { Summary } from './types.js' */

/** @typedef {'live' | 'polling' | 'offline'} State */
/** @typedef {'comment' | 'decision' | 'edit' | 'claim' | 'reset' | 'bye' | 'summary' | 'state'} Kind */

const KINDS = /** @type {const} */ (['comment', 'decision', 'edit', 'claim', 'reset', 'bye']);
const POLL_MS = 15_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Several events at once are one look at the counts. */
const SETTLE_MS = 400;
/** In attack mode a thousand may come in a minute. */
export const MUTED_MS = 5000;
/** A browser gives one server few connections, and a stream holds one of them: tabs out of sight give theirs back. */
const HIDDEN_MS = 300_000;

export class Live {
  #api;
  /** @type {Map<Kind, Set<(data: any) => void>>} */
  #listeners = new Map();
  /** @type {EventSource | null} */
  #source = null;
  #pauseMs = FIRST_PAUSE_MS;
  #wasOpen = false;
  /** When the counts are looked at next. */
  #due = 0;
  #timers = { open: 0, poll: 0, settle: 0, hidden: 0 };
  /** @type {State} */
  state = 'polling';
  /** The counts as they were told last. @type {Summary | null} */
  summary = null;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
  }

  start() {
    this.#open();
    this.#poll();
    void this.#count();
    addEventListener('online', () => this.again());
    addEventListener('offline', () => this.#enter('offline'));
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  /** @param {Kind} kind @param {(data: any) => void} listener @returns {() => void} what ends it */
  on(kind, listener) {
    const all = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, all.add(listener));
    return () => void all.delete(listener);
  }

  /** @param {Kind} kind @param {any} data */
  tell(kind, data) {
    for (const listener of this.#listeners.get(kind) ?? []) listener(data);
  }

  /** Looks at the counts soon. @param {number} [within] in milliseconds */
  recount(within = SETTLE_MS) {
    const due = performance.now() + within;
    if (this.#timers.settle && this.#due <= due) return;
    clearTimeout(this.#timers.settle);
    this.#due = due;
    this.#timers.settle = window.setTimeout(() => {
      this.#timers.settle = 0;
      void this.#count();
    }, within);
  }

  /** What was decided here is counted at once, before the server tells. @param {string} from @param {string} to @param {number} n */
  shift(from, to, n) {
    if (!this.summary) return;
    const { counts } = this.summary;
    this.summary = { ...this.summary, counts: { ...counts, [from]: Math.max((counts[from] ?? 0) - n, 0), [to]: (counts[to] ?? 0) + n } };
    this.tell('summary', this.summary);
  }

  #open() {
    clearTimeout(this.#timers.open);
    const source = new EventSource('/api/moderation/stream');
    this.#source = source;
    let isResumed = false;
    source.addEventListener('open', () => {
      this.#pauseMs = FIRST_PAUSE_MS;
      // The browser takes up a stream where it broke off. A new one knows nothing of the one before.
      if (this.#wasOpen && !isResumed) this.tell('reset', {});
      isResumed = true;
      this.#wasOpen = true;
      this.recount();
      this.#enter('live');
    });
    source.addEventListener('error', () => {
      this.#enter(navigator.onLine ? 'polling' : 'offline');
      if (source.readyState === EventSource.CLOSED) this.#openLater();
    });
    for (const kind of KINDS) source.addEventListener(kind, (event) => this.#heard(kind, /** @type {MessageEvent} */ (event)));
  }

  /** @param {typeof KINDS[number]} kind @param {MessageEvent} event */
  #heard(kind, event) {
    /** @type {any} */
    let data = {};
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    if (kind === 'bye') {
      this.#source?.close();
      this.#openLater();
    }
    this.tell(kind, data);
    if (kind !== 'claim') this.recount(data.attack ? MUTED_MS : SETTLE_MS);
  }

  #openLater() {
    clearTimeout(this.#timers.open);
    this.#timers.open = window.setTimeout(() => this.#open(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** Tries at once what else would be tried later, e.g. after somebody signed in anew. */
  again() {
    if (this.#source?.readyState !== EventSource.OPEN) {
      this.#source?.close();
      this.#open();
    }
    void this.#count();
  }

  #seen() {
    clearTimeout(this.#timers.hidden);
    if (document.hidden) {
      this.#timers.hidden = window.setTimeout(() => {
        this.#source?.close();
        clearTimeout(this.#timers.open);
      }, HIDDEN_MS);
    } else if (this.#source?.readyState === EventSource.CLOSED) {
      this.#enter('polling');
      this.again();
    }
  }

  #poll() {
    clearTimeout(this.#timers.poll);
    this.#timers.poll = window.setTimeout(() => {
      if (this.state !== 'live') void this.#count();
      this.#poll();
    }, POLL_MS);
  }

  async #count() {
    try {
      this.summary = await this.#api.get('/moderation/summary', {}, { quiet: true });
      if (this.state === 'offline') this.#enter('polling');
      this.tell('summary', this.summary);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.tell('bye', {});
      else if (!(error instanceof Problem)) this.#enter('offline');
    }
  }

  /** @param {State} state */
  #enter(state) {
    if (state === this.state) return;
    this.state = state;
    this.tell('state', state);
  }
}
