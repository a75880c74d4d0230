// Holds one captcha token ready: asks for the challenge when the form is first used, solves it
// while the person types, renews it before it runs out. Knows nothing of the form's fields.
//
// A page that uses another provider brings that provider's script itself and sets
// `window.replydeskToken = async ({provider, site_key, action}) => token`; it is asked at each
// sending, since such tokens live for minutes.

import { canSolve, payload, solve } from './pow.js';

/** @import { Challenge, Parameters, Solution } from './pow.js' */

const RENEW_BEFORE_MS = 60_000;
const MOST_WORKERS = 4;
const REST_AFTER_FAILURE_MS = 15_000;

/**
 * How long a challenge lives from now on. Told by the server's own clock, since a reader's may be
 * wrong by hours.
 * @param {number} expiresAt seconds since 1970 @param {string | null} date the answer's `Date`
 * @param {number} now milliseconds since 1970
 * @returns {number} milliseconds
 */
export function lifetime(expiresAt, date, now) {
  const there = Date.parse(date ?? '');
  return expiresAt * 1000 - (Number.isNaN(there) ? now : there);
}

/** One a core, four at most. @param {number | undefined} cores @returns {number} */
export function workerCount(cores) {
  return Math.max(1, Math.min(MOST_WORKERS, cores ?? 2));
}

/**
 * Solves in workers, or in the page where a worker cannot start.
 * @param {Parameters} parameters @param {AbortSignal} signal @param {() => Worker} makeWorker
 * @returns {Promise<Solution>}
 */
export async function solveSomewhere(parameters, signal, makeWorker) {
  /** @type {Worker[]} */
  const workers = [];
  try {
    return await new Promise((found, failed) => {
      signal.addEventListener('abort', () => failed(signal.reason), { once: true });
      const step = workerCount(globalThis.navigator?.hardwareConcurrency);
      for (let start = 0; start < step; start += 1) {
        const worker = makeWorker();
        workers.push(worker);
        worker.addEventListener('error', () => failed(new Error('no worker')));
        worker.addEventListener('message', ({ data }) => {
          if (data.solution) found(data.solution);
          else failed(new Error(data.failure));
        });
        worker.postMessage({ parameters, start, step });
      }
    });
  } catch {
    signal.throwIfAborted();
    return await solve(parameters, { signal });
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

/**
 * @typedef {{provider: string, site_key: string, action: string, challenge_url: string}} About
 * @typedef {{token: Promise<string | null>, abort: AbortController, staleAt: number, isFailed: boolean}} Run
 */

export class Check {
  /** @type {Promise<About> | null} */
  #about = null;
  /** @type {Run | null} */
  #run = null;
  #renewal = 0;
  #api;
  #page;
  #isWanted;

  /**
   * @param {string} api where the routes are, e.g. `/api` @param {string} page the article
   * @param {() => boolean} isWanted whether a token is worth renewing unasked
   */
  constructor(api, page, isWanted) {
    this.#api = api;
    this.#page = page;
    this.#isWanted = isWanted;
  }

  /** Called at every sign of life in the form: begins the work where it has not begun. */
  async prepare() {
    const about = await this.#ask();
    if (about?.provider === 'builtin') this.#running(about);
  }

  /**
   * The token that is ready or on its way; null where there is none to be had. Nothing insists on
   * one: without it the comment goes to an editor.
   * @returns {Promise<string | null>}
   */
  async token() {
    const about = await this.#ask();
    if (!about || about.provider === 'none') return null;
    if (about.provider === 'builtin') {
      if (this.#run?.isFailed) this.drop();
      return this.#running(about).token;
    }
    const hook = /** @type {any} */ (window).replydeskToken;
    return Promise.resolve(hook?.(about)).then((token) => token || null, () => null);
  }

  /** Forgets the token: it has been used, or was refused. */
  drop() {
    clearTimeout(this.#renewal);
    this.#run?.abort.abort();
    this.#run = null;
  }

  /** What the site asks for; asked once, and again where that failed. @returns {Promise<About | null>} */
  #ask() {
    this.#about ??= fetch(`${this.#api}/captcha?page=${encodeURIComponent(this.#page)}`).then(read);
    return this.#about.catch(() => {
      this.#about = null;
      return null;
    });
  }

  /** The run in hand, or a new one where there is none or it is stale. @param {About} about */
  #running(about) {
    if (this.#run && this.#run.staleAt > performance.now()) return this.#run;
    this.drop();
    /** @type {Run} */
    const run = { abort: new AbortController(), staleAt: Infinity, isFailed: false, token: Promise.resolve(null) };
    run.token = this.#make(run, about).catch(() => {
      // Signs of life do not bring on the next try at once; sending does.
      run.isFailed = true;
      run.staleAt = performance.now() + REST_AFTER_FAILURE_MS;
      return null;
    });
    this.#run = run;
    return run;
  }

  /** @param {Run} run @param {About} about @returns {Promise<string | null>} */
  async #make(run, about) {
    if (!canSolve()) return null;
    const { signal } = run.abort;
    const answer = await fetch(about.challenge_url, { signal, cache: 'no-store' });
    /** @type {Challenge} */
    const challenge = await read(answer);
    const left = lifetime(challenge.parameters.expiresAt, answer.headers.get('Date'), Date.now());
    run.staleAt = performance.now() + left - Math.min(RENEW_BEFORE_MS, left / 2);
    const end = setTimeout(() => run.abort.abort(), left);
    const makeWorker = () => new Worker(new URL('pow-worker.js', import.meta.url), { type: 'module' });
    const solution = await solveSomewhere(challenge.parameters, signal, makeWorker);
    clearTimeout(end);
    this.#renewal = setTimeout(() => {
      if (this.#isWanted() && this.#run === run) this.#running(about);
    }, run.staleAt - performance.now());
    return payload(challenge, solution);
  }
}

/** @param {Response} answer */
async function read(answer) {
  if (!answer.ok) throw new Error(`captcha: ${answer.status}`);
  return answer.json();
}
