// Holds one captcha token ready: asks for the challenge when the form is first used, has it solved
// while the person types, renews it before it runs out. Knows nothing of the form's fields.
//
// A page that uses another provider brings that provider's script itself and sets
// `window.replydeskToken = async ({provider, site_key, action}) => token`; it is asked at each
// sending, since such tokens live for minutes.

import { PLACES } from './places.js';

/** @import { Api } from './api.js' */

const RENEW_BEFORE_MS = 60_000;
const REST_AFTER_FAILURE_MS = 15_000;

/**
 * @typedef {{provider: string, site_key: string, action: string, challenge_url: string}} About
 * @typedef {{token: Promise<string | null>, abort: AbortController, staleAt: number, isFailed: boolean}} Run
 *   `staleAt` is on the wall clock, which goes on while a computer sleeps
 */

export class Check {
  /** @type {Promise<About | null> | null} */
  #about = null;
  /** @type {Run | null} */
  #run = null;
  #renewal = 0;
  #api;
  #page;
  #isWanted;
  #onUnable;

  /**
   * @param {object} order
   * @param {Api} order.api
   * @param {string} order.page the article
   * @param {() => boolean} order.isWanted whether a token is worth renewing unasked
   * @param {() => void} order.onUnable told where this page cannot do the check: comments go without
   */
  constructor({ api, page, isWanted, onUnable }) {
    this.#api = api;
    this.#page = page;
    this.#isWanted = isWanted;
    this.#onUnable = onUnable;
  }

  /** Called at every sign of life in the form: begins the work where it has not begun. */
  async prepare() {
    const about = await this.#ask();
    if (about?.provider === 'builtin') this.#running(about);
  }

  /** Called when the page is seen again, after minutes in another tab or a step back: renews what ran out. */
  wake() {
    if (this.#run && this.#isWanted()) void this.prepare();
  }

  /**
   * The token that is ready or on its way; null where there is none to be had. Nothing insists on
   * one: without it the comment goes to an editor.
   * @returns {Promise<string | null>}
   */
  async token() {
    if (this.#run?.isFailed) this.drop();
    const about = await this.#ask();
    if (!about || about.provider === 'none') return null;
    if (about.provider === 'builtin') return this.#running(about).token;
    try {
      return (await /** @type {any} */ (window).replydeskToken?.(about)) || null;
    } catch {
      return null;
    }
  }

  /** Forgets the token, which has been used or was refused, and who is to be asked: that may have changed. */
  drop() {
    this.#about = null;
    this.#end();
  }

  #end() {
    clearTimeout(this.#renewal);
    this.#run?.abort.abort();
    this.#run = null;
  }

  /** What the site asks for; asked once, and again where that failed. */
  #ask() {
    this.#about ??= this.#api.get('api/captcha', { page: this.#page }).then(({ status, body }) => {
      if (status === 200) return body;
      this.#about = null;
      return null;
    });
    return this.#about;
  }

  /** The run in hand, or a new one where there is none or it is stale. @param {About} about */
  #running(about) {
    if (this.#run && this.#run.staleAt > Date.now()) return this.#run;
    this.#end();
    /** @type {Run} */
    const run = { abort: new AbortController(), staleAt: Infinity, isFailed: false, token: Promise.resolve(null) };
    this.#run = run;
    run.token = this.#make(run, about).catch(() => {
      // Signs of life do not bring on the next try at once; sending does.
      run.isFailed = true;
      run.staleAt = Date.now() + REST_AFTER_FAILURE_MS;
      return null;
    });
    return run;
  }

  /** @param {Run} run @param {About} about @returns {Promise<string | null>} */
  async #make(run, about) {
    if (!globalThis.crypto?.subtle) {
      this.#onUnable();
      return null;
    }
    const { prove } = await import(PLACES.solver);
    // Relative, since the server may be behind a path of its own.
    const challengeUrl = this.#api.url(about.challenge_url.replace(/^\//, ''));
    const { payload, goodUntil } = await prove({ challengeUrl, signal: run.abort.signal });
    run.staleAt = goodUntil - Math.min(RENEW_BEFORE_MS, (goodUntil - Date.now()) / 2);
    // A timer may be early by a hair, and then the token would not count as stale.
    if (this.#run === run) this.#renewal = setTimeout(() => this.wake(), run.staleAt - Date.now() + 50);
    return payload;
  }
}
