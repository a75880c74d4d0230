// Tells others which comment one is looking at: a lease on the open comment, renewed while somebody is there and
// given back on leaving. It advises and never blocks.

import { Problem } from './api.js';

/** @import { Api } from './api.js' */
/** @import { Item } from './types.js' */

/** Who only passes by takes nothing. */
const DWELL_MS = 700;
const RENEW_MS = 120_000;
/** Without a sign of life for so long, the comment is left to others. */
const ABSENT_MS = 240_000;

export class Claims {
  #api;
  #told;
  /** @type {string | null} */
  #open = null;
  /** @type {string | null} */
  #held = null;
  #timer = 0;
  #seenAt = performance.now();
  #isAble = true;
  #seen = () => void (this.#seenAt = performance.now());
  #leave = () => this.#giveBack(true);

  /** @param {Api} api @param {(id: string, by: string | null, until: string | null) => void} told who has a comment now */
  constructor(api, told) {
    this.#api = api;
    this.#told = told;
    for (const sign of ['pointermove', 'keydown', 'scroll']) addEventListener(sign, this.#seen, { passive: true, capture: true });
    addEventListener('pagehide', this.#leave);
  }

  /** Another comment is open now, or none. @param {string | null} id */
  opened(id) {
    if (id === this.#open) return;
    clearTimeout(this.#timer);
    this.#giveBack();
    this.#open = id;
    if (id && this.#isAble) this.#timer = window.setTimeout(() => void this.#take(id), DWELL_MS);
  }

  /** A decision ended the claim by itself. @param {string} id */
  ended(id) {
    if (this.#held === id) this.#held = null;
  }

  /** Takes the open comment, or gives it back. @returns {Promise<string>} what came of it */
  async toggle() {
    const id = this.#open;
    if (!id) return 'Nothing is open.';
    clearTimeout(this.#timer);
    if (this.#held === id) {
      this.#giveBack();
      return 'Given back. Others see it as free.';
    }
    const by = await this.#take(id);
    return by ? `${by} is on it.` : 'It is yours for five minutes, and longer while you stay.';
  }

  dispose() {
    this.opened(null);
    for (const sign of ['pointermove', 'keydown', 'scroll']) removeEventListener(sign, this.#seen, { capture: true });
    removeEventListener('pagehide', this.#leave);
  }

  /** @param {string} id @returns {Promise<string | null>} who else has it */
  async #take(id) {
    try {
      /** @type {Item} */
      const item = await this.#api.post(`/moderation/comments/${id}/claim`, undefined, { quiet: true });
      if (id !== this.#open) return this.#release(id, false);
      this.#held = id;
      this.#told(id, item.claimed_by, item.claimed_until ?? null);
      this.#timer = window.setTimeout(() => this.#renew(id), RENEW_MS);
    } catch (error) {
      if (!(error instanceof Problem)) return null;
      if (error.code === 'claimed') {
        this.#told(id, error.more.claimed_by, error.more.claimed_until);
        return error.more.claimed_by;
      }
      if (error.status === 403 || error.status === 405) this.#isAble = false;
    }
    return null;
  }

  /** @param {string} id */
  #renew(id) {
    if (performance.now() - this.#seenAt < ABSENT_MS) void this.#take(id);
    else this.#giveBack();
  }

  #giveBack(leaving = false) {
    clearTimeout(this.#timer);
    const id = this.#held;
    this.#held = null;
    if (id) this.#release(id, leaving);
  }

  /** @param {string} id @param {boolean} leaving the page, which the request outlives @returns {null} */
  #release(id, leaving) {
    this.#told(id, null, null);
    this.#api.delete(`/moderation/comments/${id}/claim`, undefined, { quiet: true, keepalive: leaving }).catch(() => {});
    return null;
  }
}
