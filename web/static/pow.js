// The proof of work, in ALTCHA's v2 wire format: find the counter whose derived key begins as the
// challenge says. Knows nothing of pages, workers or forms, so that a test can run it anywhere.

/**
 * @typedef {{algorithm: string, cost: number, keyLength: number, keyPrefix: string, nonce: string,
 *   salt: string, expiresAt: number, data?: {iat?: number}, [more: string]: unknown}} Parameters
 * @typedef {{parameters: Parameters, signature: string}} Challenge
 * @typedef {{counter: number, derivedKey: string, time: number}} Solution
 */

const FAMILY = 'PBKDF2/';
const HASHES = ['SHA-256', 'SHA-384', 'SHA-512'];
const LAST_COUNTER = 0xffffffff;

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** @param {ArrayBuffer} buffer @returns {string} lower case, as the signature is */
export function toHex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The password of one try: the nonce's bytes, then the counter as four bytes, the highest first.
 * @param {Uint8Array} nonce @param {number} counter @returns {Uint8Array<ArrayBuffer>}
 */
export function password(nonce, counter) {
  const bytes = new Uint8Array(nonce.length + 4);
  bytes.set(nonce);
  new DataView(bytes.buffer).setUint32(nonce.length, counter);
  return bytes;
}

/** Whether this browser can do the work: WebCrypto is only there in a secure context. */
export function canSolve() {
  return Boolean(globalThis.crypto?.subtle);
}

/**
 * Tries start, start + step, … until one fits.
 * @param {Parameters} parameters
 * @param {{start?: number, step?: number, signal?: AbortSignal}} [share]
 * @returns {Promise<Solution>}
 */
export async function solve(parameters, { start = 0, step = 1, signal } = {}) {
  const hash = parameters.algorithm.slice(FAMILY.length);
  if (!parameters.algorithm.startsWith(FAMILY) || !HASHES.includes(hash)) {
    throw new Error(`no way to solve ${parameters.algorithm}`);
  }
  const begun = performance.now();
  const nonce = fromHex(parameters.nonce);
  const rule = { name: 'PBKDF2', hash, salt: fromHex(parameters.salt), iterations: parameters.cost };
  for (let counter = start; counter <= LAST_COUNTER; counter += step) {
    signal?.throwIfAborted();
    const key = await crypto.subtle.importKey('raw', password(nonce, counter), 'PBKDF2', false, ['deriveBits']);
    const derivedKey = toHex(await crypto.subtle.deriveBits(rule, key, parameters.keyLength * 8));
    if (derivedKey.startsWith(parameters.keyPrefix)) {
      return { counter, derivedKey, time: Math.round(performance.now() - begun) };
    }
  }
  throw new Error('no counter fits');
}

/**
 * What goes into the form's `captcha` field: base64 of UTF-8 JSON. The parameters go back as they
 * came, since the signature covers all of them.
 * @param {Challenge} challenge @param {Solution} solution @returns {string}
 */
export function payload({ parameters, signature }, { counter, derivedKey, time }) {
  const text = JSON.stringify({ challenge: { parameters, signature }, solution: { counter, derivedKey, time } });
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
