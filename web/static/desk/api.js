// Asks the server. Every answer is JSON or an error with a code; no answer at all is an error of its own. A session
// that ended is begun again over the page and the call repeated, so that nothing typed is lost; never as somebody else.

/** @import { Session } from './types.js' */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Params */
/** @typedef {{field: string, code: string, message: string}} Fault */
/** @typedef {{quiet?: boolean, timeout?: number, signal?: AbortSignal, key?: string, keepalive?: boolean}} Options
 *   `quiet`: an ended session is an error here and asks nobody; `key`: sent as Idempotency-Key */

const ANSWER_WITHIN_MS = 10_000;
/** How long to wait before a call whose answer was lost is sent again. */
const AGAIN_MS = [500, 2000];

/** Aborted once somebody else is signed in: nothing more is sent from this page. */
const handedOver = new AbortController();

/** What the server refused, and why. */
export class Problem extends Error {
  /** @param {number} status @param {any} body @param {string | null} [retryAfter] */
  constructor(status, body, retryAfter = null) {
    super(body?.detail || body?.title || `The server answered ${status}.`);
    this.name = 'Problem';
    this.status = status;
    /** @type {string} */
    this.code = body?.code ?? '';
    /** @type {Fault[]} */
    this.errors = Array.isArray(body?.errors) ? body.errors : [];
    /** Every member of the answer. @type {Record<string, any>} */
    this.more = body ?? {};
    this.retryAfter = Number(retryAfter) || null;
  }

  /** What to tell: the faults where fields are at fault, else the sentence. */
  get told() {
    if (this.status === 403 && this.code === 'forbidden') return 'You may not do this. Ask an admin.';
    return this.errors.length > 0 ? this.errors.map(({ message }) => message).join(' ') : this.message;
  }
}

/** No answer came: there is no network, or the server is not there. */
export class Unreachable extends Error {
  constructor() {
    super('There was no answer. The network or the server is away.');
    this.name = 'Unreachable';
  }
}

/** What to tell of any error. @param {unknown} error */
export function inWords(error) {
  if (error instanceof Problem) return error.told;
  return error instanceof Error ? error.message : String(error);
}

/** Whether it may have been stored all the same, and may be sent again. @param {unknown} error */
export const isPassing = (error) => error instanceof Unreachable || (error instanceof Problem && (error.status >= 502 || error.status === 408));

export class Api {
  /** Whose page this is. */
  #me = '';
  /** What every change has to say. */
  #csrf = '';
  /** Begins an ended session again; comes true once somebody is signed in. @type {() => Promise<void>} */
  onExpired = () => Promise.reject(new Error('Nobody is signed in.'));

  /** What was asked for before anybody wanted it. @type {Map<string, Promise<any>>} */
  #primed = new Map();

  /**
   * Takes up a session, the first or a later one. Somebody else's ends the page: what the one before had not sent goes
   * with it, and it never comes true. @param {Session} session @returns {Promise<void>}
   */
  async begin({ username, csrf_token }) {
    if (this.#me && this.#me !== username) {
      handedOver.abort();
      location.reload();
    }
    if (handedOver.signal.aborted) return never();
    this.#me = username;
    this.#csrf = csrf_token;
  }

  /** Takes up the session that this browser has by now. */
  async renew() {
    await this.begin(await this.get('/session'));
  }

  /** Asks beforehand: the next `get` of the same takes that answer. @param {string} path @param {Params} params */
  prime(path, params) {
    const asked = this.#once('GET', path + search(params), undefined, {});
    asked.catch(() => {});
    this.#primed.set(path + search(params), asked);
  }

  /** @param {string} path below `/api` @param {Params} [params] @param {Options} [options] @returns {Promise<any>} */
  get(path, params = {}, options = {}) {
    const whole = path + search(params);
    const primed = this.#primed.get(whole);
    this.#primed.delete(whole);
    return primed ? primed.catch(() => this.#ask('GET', whole, undefined, options)) : this.#ask('GET', whole, undefined, options);
  }

  /** @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<any>} */
  post(path, body, options = {}) {
    return this.#ask('POST', path, body, options);
  }

  /** @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<any>} */
  put(path, body, options = {}) {
    return this.#ask('PUT', path, body, options);
  }

  /** @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<any>} */
  patch(path, body, options = {}) {
    return this.#ask('PATCH', path, body, options);
  }

  /** @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<any>} */
  delete(path, body, options = {}) {
    return this.#ask('DELETE', path, body, options);
  }

  /** Creates once, whatever becomes of the answers. @param {string} path @param {unknown} body @param {Options} [options] @returns {Promise<any>} */
  async create(path, body, options = {}) {
    const key = options.key ?? randomKey();
    for (const pause of AGAIN_MS) {
      try {
        return await this.#ask('POST', path, body, { ...options, key });
      } catch (error) {
        if (!isPassing(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    return this.#ask('POST', path, body, { ...options, key });
  }

  /** @param {string} method @param {string} path @param {unknown} body @param {Options} options @returns {Promise<any>} */
  async #ask(method, path, body, options) {
    for (let mayRepeat = true; ; mayRepeat = false) {
      try {
        return await this.#once(method, path, body, options);
      } catch (error) {
        const renew = mayRepeat && !options.quiet && error instanceof Problem && this.#renewal(error);
        if (!renew) throw error;
        await renew();
      }
    }
  }

  /** What mends a refusal that is about the session, not the call. @param {Problem} problem */
  #renewal(problem) {
    if (problem.status === 401) return this.onExpired;
    // Somebody signed in anew in another tab: the cookie is theirs, the token is the old one.
    if (problem.code === 'csrf_failed') return () => this.renew();
    return null;
  }

  /** @param {string} method @param {string} path @param {unknown} body @param {Options} options */
  async #once(method, path, body, { timeout = ANSWER_WITHIN_MS, signal, key, keepalive }) {
    if (handedOver.signal.aborted) return never();
    /** @type {Record<string, string>} */
    const headers = { Accept: 'application/json' };
    if (method !== 'GET') headers['X-CSRF-Token'] = this.#csrf;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (key) headers['Idempotency-Key'] = key;
    const ends = new AbortController();
    const timer = setTimeout(() => ends.abort(), timeout);
    const stop = () => ends.abort();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const answer = await fetch(`/api${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body), signal: ends.signal, keepalive: keepalive ?? false });
      const told = answer.status === 204 ? null : await answer.json().catch(() => null);
      if (!answer.ok) throw new Problem(answer.status, told, answer.headers.get('Retry-After'));
      return told;
    } catch (error) {
      if (error instanceof Problem || signal?.aborted) throw error;
      throw new Unreachable();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }
}

/** Asks before the page is left while there is something unsent; never whoever else is signed in. @param {() => boolean} isUnsent */
export function guard(isUnsent) {
  addEventListener('beforeunload', (event) => isUnsent() && event.preventDefault(), { signal: handedOver.signal });
}

/** @returns {Promise<never>} */
const never = () => new Promise(() => {});

/** `?a=b`, without what is empty. @param {Params} params */
export function search(params) {
  const filled = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false);
  const text = new URLSearchParams(filled.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

/** 128 random bits; `crypto.randomUUID` is missing where the page is not secure. */
export function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
