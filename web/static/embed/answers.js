// What an answer of `POST /api/comments` means for the form. Pure: an answer in, a plan out.

/** @import { Answer } from './api.js' */

/**
 * @typedef {{field: string, message: string}} Fault
 * @typedef {{page: string, title: string | null, name: string, email: string | null, url: string | null, body: string,
 *   parent: string | null, contact_ref: string | null, author_token: string | null}} Content a comment as it goes out
 * @typedef {{key: string, content: Content | null}} Sending `content` null: the key has not been used
 * @typedef {{kind: 'done', body: any} | {kind: 'again', newKey: boolean}
 *   | {kind: 'faults', code: string, detail: string, faults: Fault[]}
 *   | Stopped} Plan
 * @typedef {{kind: 'stopped', code: string, detail: string, says: string, reference?: string, contact?: string, wait: number | null,
 *   offer: 'review' | 'alone' | 'retry' | null}} Stopped
 *   `says`: the key of what to say where there is no `detail`; `wait` in seconds; `offer`: without a token, without the
 *   comment it answers, or once more
 */

/**
 * @param {Answer} answer @param {boolean} mayRepeat whether it has not been repeated by itself yet
 * @returns {Plan}
 */
export function planFor({ status, body, retryAfter }, mayRepeat) {
  if ((status === 201 || status === 202) && body?.id) return { kind: 'done', body };
  const { code = status ? 'unknown' : 'offline', reason, detail = '', errors, reference, contact, review } = body ?? {};
  const isCaptcha = code === 'captcha_failed';
  const newKey = code === 'idempotency_key_reused';
  if (mayRepeat && (newKey || (isCaptcha && ['expired', 'invalid'].includes(reason)))) return { kind: 'again', newKey };
  if (errors?.[0]?.field) return { kind: 'faults', code, detail, faults: errors };
  const isLimited = status === 429;
  // What is not ours came from something on the way, which may let it through the next time.
  const mayPass = !body?.code || isLimited || isCaptcha || status === 408 || status >= 500;
  return {
    kind: 'stopped',
    code,
    detail,
    says: isLimited ? 'limited' : status >= 500 ? 'unavailable' : status ? 'unknown' : 'offline',
    reference,
    contact,
    wait: retryAfter,
    offer: review === true ? 'review' : code === 'parent_not_found' ? 'alone' : mayPass ? 'retry' : null,
  };
}

/** The sentence for a wait, rounded up, so that nobody comes back too soon. @param {number} wait seconds @returns {[string, number]} key and number */
export function waitIn(wait) {
  if (wait <= 90) return ['wait_seconds', Math.ceil(wait)];
  return wait <= 5400 ? ['wait_minutes', Math.ceil(wait / 60)] : ['wait_hours', Math.ceil(wait / 3600)];
}

/** What makes another comment of it. @type {(keyof Content)[]} */
const TYPED = ['body', 'name', 'email', 'url', 'parent'];

/**
 * What to send, and under which idempotency key: what was sent last where nobody changed it since, so that a comment whose
 * answer was lost is not stored twice; else this, under a key of its own.
 * @param {Sending | null} last @param {Content} content @param {() => string} make
 * @returns {Sending & {content: Content}}
 */
export function sendingOf(last, content, make) {
  const before = last?.content;
  if (last && before && TYPED.every((name) => before[name] === content[name])) return { key: last.key, content: before };
  return { key: (!before && last?.key) || make(), content };
}

/** 128 random bits; `crypto.randomUUID` is missing where the page is not secure. */
export function randomKey() {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
