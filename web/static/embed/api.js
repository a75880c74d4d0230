// Asks the server. Whatever happens on the way, there is an answer; status 0 says that there was none.

const ANSWER_WITHIN_MS = 30_000;

/**
 * @typedef {{status: number, body: any, retryAfter: number | null}} Answer
 *   `status` 0: no answer at all; `body` null: not JSON; `retryAfter` in seconds
 * @typedef {Record<string, string | number | readonly string[] | null | undefined>} Query what is empty is left out
 */

export class Api {
  #lang;

  /** @param {string} home the URL below which `api/…` is @param {string} lang of what the server says */
  constructor(home, lang) {
    this.home = home;
    this.#lang = lang;
  }

  /** The address of a route. @param {string} path without a slash before it, such as `api/comments` @param {Query} [query] */
  url(path, query = {}) {
    const url = new URL(path, this.home);
    for (const [name, value] of Object.entries({ ...query, lang: this.#lang })) {
      for (const one of [value].flat()) if (one) url.searchParams.append(name, String(one));
    }
    return url;
  }

  /** @param {string} path @param {Query} [query] @param {Record<string, string>} [headers] */
  get(path, query, headers) {
    return this.#ask('GET', this.url(path, query), headers);
  }

  /** @param {string} path @param {object} [body] @param {Record<string, string>} [headers] */
  post(path, body, headers) {
    return this.#ask('POST', this.url(path), headers, body);
  }

  /** @param {string} path @param {object} body @param {Record<string, string>} [headers] */
  patch(path, body, headers) {
    return this.#ask('PATCH', this.url(path), headers, body);
  }

  /** @param {string} path @param {Record<string, string>} [headers] */
  delete(path, headers) {
    return this.#ask('DELETE', this.url(path), headers);
  }

  /** @param {string} method @param {URL} url @param {Record<string, string>} [headers] @param {object} [body] @returns {Promise<Answer>} */
  async #ask(method, url, headers, body) {
    // `AbortSignal.timeout` is missing in browsers that are still in use.
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ANSWER_WITHIN_MS);
    try {
      const answer = await fetch(url, {
        method,
        headers: body ? { 'Content-Type': 'application/json', ...headers } : headers,
        body: body && JSON.stringify(body),
        credentials: 'omit',
        signal: stop.signal,
      });
      const wait = Number(answer.headers.get('Retry-After'));
      return { status: answer.status, body: await answer.json().catch(() => null), retryAfter: wait > 0 ? wait : null };
    } catch {
      return { status: 0, body: null, retryAfter: null };
    } finally {
      clearTimeout(timer);
    }
  }
}
