// What an answer of `POST /api/comments` means for the form. Pure: an answer in, a plan out.

/**
 * @typedef {{status: number, body: any, retryAfter: string | null}} Answer
 *   `status` 0: no answer at all; `body` null: not JSON
 * @typedef {{field: string, message: string}} Fault
 * @typedef {{kind: 'done', published: boolean, id: string, message: string, authorToken: string | null}
 *   | {kind: 'again', newKey: boolean}
 *   | {kind: 'faults', detail: string, faults: Fault[]}
 *   | {kind: 'stopped', detail: string, reference: string | null, contact: string | null,
 *      review: boolean, retry: boolean, wait: number | null}} Plan
 */

export const TEXTS = {
  checking: 'One moment: checking that you are not a script…',
  renewing: 'The check has to be renewed. One moment; your text is kept…',
  unable: 'The automatic check cannot run on this page, so an editor will read your comment first. You can send it as usual.',
  slow: 'This takes a while on this device. You can wait, or send it for review.',
  sending: 'Sending…',
  pending: 'Your comment is awaiting moderation.',
  published: 'Your comment is published.',
  offline: 'The comment did not get through: there was no answer. Your text is kept.',
  unavailable: 'The comment could not be saved just now. Your text is kept.',
  unknown: 'The comment could not be sent. Your text is kept.',
  limited: 'You are sending too quickly.',
  free: 'You can send it now.',
  review: 'Send for review',
  retry: 'Try again',
};

/** Problems that a fresh token mends. */
const RENEWABLE = ['expired', 'invalid'];

/**
 * @param {Answer} answer @param {boolean} mayRepeat whether it has not been repeated by itself yet
 * @returns {Plan}
 */
export function plan({ status, body, retryAfter }, mayRepeat) {
  if (status === 201 || status === 202) {
    const published = status === 201;
    const message = body?.message || (published ? TEXTS.published : TEXTS.pending);
    return { kind: 'done', published, id: body?.id ?? '', message, authorToken: body?.author_token ?? null };
  }
  const code = body?.code ?? '';
  if (mayRepeat && code === 'captcha_failed' && RENEWABLE.includes(body.reason)) return { kind: 'again', newKey: false };
  if (mayRepeat && code === 'idempotency_key_reused') return { kind: 'again', newKey: true };
  const detail = body?.detail || body?.title || fallback(status);
  const faults = Array.isArray(body?.errors) ? body.errors : [];
  if (faults.length > 0) return { kind: 'faults', detail, faults };
  return {
    kind: 'stopped',
    detail,
    reference: body?.reference ?? null,
    contact: body?.contact || null,
    review: body?.review === true,
    retry: status === 0 || status >= 500 || status === 408 || code === 'captcha_failed',
    wait: seconds(retryAfter),
  };
}

/** @param {number} status */
function fallback(status) {
  if (status === 0) return TEXTS.offline;
  if (status === 429) return TEXTS.limited;
  return status >= 500 ? TEXTS.unavailable : TEXTS.unknown;
}

/** `Retry-After` in seconds; a date there is not used by this server. @param {string | null} header */
export function seconds(header) {
  const number = Number(header);
  return header && Number.isInteger(number) && number > 0 ? number : null;
}

/** Rounded up, so that nobody comes back too soon. @param {number} wait seconds */
export function waitSentence(wait) {
  const [number, unit] =
    wait <= 90 ? [wait, 'second'] : wait <= 5400 ? [Math.ceil(wait / 60), 'minute'] : [Math.ceil(wait / 3600), 'hour'];
  return `You can send it again in ${number} ${unit}${number === 1 ? '' : 's'}.`;
}

/**
 * The idempotency key for this content: the same for the same content, so that a comment whose
 * answer was lost is not stored twice; another for another, which is another comment.
 * @param {{key: string, content: string | null}} last @param {string} content @param {() => string} make
 */
export function keyFor(last, content, make) {
  const isFirstUse = last.content === null && last.key !== '';
  return { key: isFirstUse || last.content === content ? last.key : make(), content };
}

/** 128 random bits; `crypto.randomUUID` is missing where the page is not secure. */
export function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** An address that may be followed, or null. @param {string | null} address */
export function followable(address) {
  return address && /^(https?:\/\/|mailto:|\/(?![/\\]))/i.test(address) ? address : null;
}
