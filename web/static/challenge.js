// Holds one captcha token ready: asks for the challenge, has it solved while the person types, renews it before it runs
// out. Knows nothing of the form's fields.
//
// A page that uses another provider brings that provider's script itself and sets
// `window.replydeskToken = async ({provider, site_key, action}) => token`; it is asked at each
// sending, since such tokens live for minutes.

import { canSolve } from './pow.js';
import { prove } from './prove.js';

const RENEW_BEFORE_MS = 60_000;
const REST_AFTER_FAILURE_MS = 15_000;

/**
 * @typedef {{api: string, page: string, isWanted: () => boolean, onUnable?: () => void}} CheckOrder
 *   `api`: where the routes are, e.g. `/api` or `https://comments.example/api`; `page`: the article; `isWanted`: whether a token is
 *   worth renewing unasked; `onUnable`: told where this page cannot do the check: comments go without
 * @typedef {{provider: string, site_key: string, action: string, challenge_url: string}} About
 * @typedef {{token: Promise<string | null>, abort: AbortController, staleAt: number, isFailed: boolean}} Run
 *   `staleAt` is on the wall clock, which goes on while a computer sleeps
 */

export class Check {
  /** @type {Promise<About> | null} */
  #about = null;
  /** @type {Run | null} */
  #run = null;
  #renewal = 0;
  #over = new AbortController();
  #api;
  #page;
  #isWanted;
  #onUnable;

  /** @param {CheckOrder} order */
  constructor({ api, page, isWanted, onUnable = () => {} }) {
    this.#api = new URL(api, globalThis.document?.baseURI);
    this.#page = page;
    this.#isWanted = isWanted;
    this.#onUnable = onUnable;
    // The page is seen again, after minutes in another tab or a step back.
    globalThis.document?.addEventListener('visibilitychange', () => this.wake(), this.#over);
    globalThis.addEventListener?.('pageshow', () => this.wake(), this.#over);
  }

  /** Called at every sign of life in the form: begins the work where it has not begun. */
  async prepare() {
    const about = await this.#ask();
    if (about?.provider === 'builtin') this.#running(about);
  }

  /** Renews what ran out, where somebody may want it. */
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
    const hook = /** @type {any} */ (window).replydeskToken;
    return Promise.resolve(hook?.(about)).then((token) => token || null, () => null);
  }

  /** Forgets the token, which has been used or was refused, and who is to be asked: that may have changed. */
  drop() {
    this.#about = null;
    this.#end();
  }

  /** The form is no longer on the page. */
  stop() {
    this.#over.abort();
    this.drop();
  }

  #end() {
    clearTimeout(this.#renewal);
    this.#run?.abort.abort();
    this.#run = null;
  }

  /** What the site asks for; asked once, and again where that failed. @returns {Promise<About | null>} */
  #ask() {
    this.#about ??= fetch(`${this.#api}/captcha?page=${encodeURIComponent(this.#page)}`, { credentials: 'omit' }).then(read);
    const asked = this.#about;
    return asked.catch(() => {
      if (this.#about === asked) this.#about = null;
      return null;
    });
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
    if (!canSolve()) {
      this.#onUnable();
      return null;
    }
    // The server does not know whether it is reached below a path.
    const challengeUrl = new URL(about.challenge_url.replace(/^\/api\b/, String(this.#api)));
    const { payload, goodUntil } = await prove({ challengeUrl, signal: run.abort.signal });
    const left = goodUntil - Date.now();
    run.staleAt = goodUntil - Math.min(RENEW_BEFORE_MS, left / 2);
    // A timer may be early by a hair, and then the token would not count as stale.
    if (this.#run === run) this.#renewal = setTimeout(() => this.wake(), run.staleAt - Date.now() + 50);
    return payload;
  }
}

/** @param {Response} answer */
async function read(answer) {
  if (!answer.ok) throw new Error(`captcha: ${answer.status}`);
  return answer.json();
}
