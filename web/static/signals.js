// Six small integers about how the form was used. No coordinates, no times of single keys, no text:
// what is counted here cannot tell one person from another. Nobody is expected to use a mouse or keys:
// any use at all, such as a field filled in by the browser or by voice, makes `t_first` more than zero.

/** @import { Use } from './embed/help.js' */

/** A long pause says nothing more than a pause. Milliseconds. */
const LONGEST_MS = 86_400_000;
const MOST_COUNTED = 10_000;
/** A pause to think is not part of the rhythm. Milliseconds. */
const THINKING_MS = 2000;
/** Bounds of the spread of the pauses between keys, in milliseconds. */
const JITTER_BOUNDS = [5, 20, 50, 100, 200, 400];

/**
 * 0 for fewer than three pauses, then 1 (even as a machine) to 7 (very uneven).
 * @param {number[]} pauses between keys, in milliseconds
 */
export function jitterBucket(pauses) {
  const n = pauses.length;
  if (n < 3) return 0;
  const mean = pauses.reduce((sum, pause) => sum + pause, 0) / n;
  const spread = Math.sqrt(pauses.reduce((sum, pause) => sum + (pause - mean) ** 2, 0) / n);
  return 1 + JITTER_BOUNDS.filter((bound) => spread >= bound).length;
}

/** 0 none, 1 for 1 to 3, 2 for 4 to 15, 3 for 16 to 63, and so on to 7. @param {number} moves */
export function movesBucket(moves) {
  return moves === 0 ? 0 : Math.min(7, 1 + Math.floor(Math.log2(moves) / 2));
}

/** What goes out; all zeros where nobody touched the form. @param {Use} use @param {number} now */
export function signalsOf({ begun, first, keys, counts }, now) {
  const between = (/** @type {number} */ from, /** @type {number} */ to) => (first ? Math.min(LONGEST_MS, Math.max(0, Math.round(to - from))) : 0);
  const pauses = keys.slice(1).map((key, before) => key - (keys[before] ?? key));
  const { pointermove = 0, pointerdown = 0, paste = 0 } = counts;
  return {
    // Never none where it was at the very start, which would look like not at all.
    t_first: first && Math.max(1, between(begun, first)),
    t_total: between(first, now),
    keys: Math.min(MOST_COUNTED, keys.length),
    key_jitter_bucket: jitterBucket(pauses.filter((pause) => pause < THINKING_MS)),
    moves_bucket: movesBucket(pointermove + pointerdown),
    pastes: Math.min(MOST_COUNTED, paste),
  };
}
