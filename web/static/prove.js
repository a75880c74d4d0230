// From a challenge's address to the finished payload, wherever the page lives: in workers where they
// can be started, else in the page itself, as on a page of another origin or one whose policy forbids
// workers. WebCrypto computes beside the page either way, so typing stays smooth. Knows nothing of
// forms and renewal: a widget that is embedded elsewhere can use it as it is.

import { canSolve, payload, solve } from './pow.js';

/** @import { Challenge, Parameters, Solution } from './pow.js' */

const MOST_SHARES = 4;
const WORKER_STARTS_WITHIN_MS = 5000;
/** The longest that a timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * How long a challenge lives. By the server's clock alone, since a reader's may be wrong by hours.
 * @param {Parameters} parameters @param {number} now milliseconds since 1970, where minting is not told
 * @returns {number} milliseconds
 */
export function lifetime({ expiresAt, data }, now) {
  return expiresAt * 1000 - (typeof data?.iat === 'number' ? data.iat : now);
}

/**
 * How many search at once: one a core, four at most. Chromium derives all keys of a page on one
 * thread, whatever the number; Firefox on as many as there are cores.
 * @param {number | undefined} cores @returns {number}
 */
export function shareCount(cores) {
  return Math.max(1, Math.min(MOST_SHARES, cores ?? 2));
}

/**
 * Fetches the challenge and solves it.
 * @param {{challengeUrl: string | URL, signal?: AbortSignal}} order
 * @returns {Promise<{payload: string, goodUntil: number, way: 'workers' | 'page'}>} `goodUntil` is on
 *   this browser's clock, in milliseconds since 1970; `way` says where it was solved
 * @throws where there is no secure context, no challenge, or no solution before the challenge ran
 *   out; the signal's reason where that was given
 */
export async function prove({ challengeUrl, signal }) {
  if (!canSolve()) throw new Error('WebCrypto needs a secure context');
  const end = new AbortController();
  const stop = () => end.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', stop, { once: true });
  let timer = 0;
  try {
    const answer = await fetch(challengeUrl, { signal: end.signal, cache: 'no-store', credentials: 'omit' });
    if (!answer.ok) throw new Error(`challenge: ${answer.status}`);
    /** @type {Challenge} */
    const challenge = await answer.json();
    const life = lifetime(challenge.parameters, Date.now());
    const goodUntil = Date.now() + life;
    timer = setTimeout(() => end.abort(new Error('the challenge ran out')), Math.min(life, LONGEST_TIMER_MS));
    const { solution, way } = await search(challenge.parameters, end.signal, isWithoutWorkers ? null : startWorker);
    isWithoutWorkers = way === 'page';
    return { payload: payload(challenge, solution), goodUntil, way };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** Once a worker did not start, none is tried again: each try may write to the console. */
let isWithoutWorkers = false;

/**
 * @param {Parameters} parameters @param {AbortSignal} signal @param {(() => Worker) | null} makeWorker
 * @returns {Promise<{solution: Solution, way: 'workers' | 'page'}>}
 */
export async function search(parameters, signal, makeWorker) {
  const shares = shareCount(globalThis.navigator?.hardwareConcurrency);
  if (makeWorker) {
    try {
      return { solution: await inWorkers(parameters, signal, shares, makeWorker), way: 'workers' };
    } catch {
      signal.throwIfAborted();
    }
  }
  return { solution: await inPage(parameters, signal, shares), way: 'page' };
}

/** A worker of our origin; a page of another origin may not start it. */
function startWorker() {
  const address = new URL('pow-worker.js', import.meta.url);
  if (address.origin !== location.origin) throw new Error('a foreign worker is forbidden');
  return new Worker(address, { type: 'module' });
}

/**
 * @param {Parameters} parameters @param {AbortSignal} signal @param {number} shares @param {() => Worker} makeWorker
 * @returns {Promise<Solution>}
 */
async function inWorkers(parameters, signal, shares, makeWorker) {
  /** @type {Worker[]} */
  const workers = [];
  let timer = 0;
  /** @type {() => void} */
  let stop = () => {};
  try {
    return await new Promise((found, failed) => {
      stop = () => failed(signal.reason);
      signal.throwIfAborted();
      signal.addEventListener('abort', stop, { once: true });
      timer = setTimeout(() => failed(new Error('no worker starts')), WORKER_STARTS_WITHIN_MS);
      for (let start = 0; start < shares; start += 1) {
        const worker = makeWorker();
        workers.push(worker);
        worker.addEventListener('error', () => failed(new Error('no worker')));
        worker.addEventListener('message', ({ data }) => {
          clearTimeout(timer);
          if (data.solution) found(data.solution);
          if (data.failure) failed(new Error(data.failure));
        });
        worker.postMessage({ parameters, start, step: shares });
      }
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    for (const worker of workers) worker.terminate();
  }
}

/**
 * Each try ends in a task of its own, so that keys, clicks and painting come in between.
 * @param {Parameters} parameters @param {AbortSignal} signal @param {number} shares
 * @returns {Promise<Solution>}
 */
async function inPage(parameters, signal, shares) {
  const end = new AbortController();
  const stop = () => end.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const starts = Array.from({ length: shares }, (_, start) => start);
    return await Promise.race(starts.map((start) => solve(parameters, { start, step: shares, signal: end.signal })));
  } finally {
    end.abort();
    signal.removeEventListener('abort', stop);
  }
}
