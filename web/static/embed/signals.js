// Six small integers about how the form was used. No coordinates, no times of single keys, no text:
// what is counted here cannot tell one person from another. Nobody is expected to use a mouse or keys:
// any use at all, such as a field filled in by the browser or by voice, makes `t_first` more than zero.

/** A long pause says nothing more than a pause. Milliseconds. */
const LONGEST_PAUSE_MS = 86_400_000;
const MOST_COUNTED = 10_000;
/** Bounds of the spread of the pauses between keys, in milliseconds. */
const JITTER_BOUNDS = [5, 20, 50, 100, 200, 400];
/** What is watched, and what it counts as. @type {Record<string, 'key' | 'move' | 'paste' | 'other'>} */
const WATCHED = { keydown: 'key', paste: 'paste', focusin: 'other', input: 'other', pointermove: 'move', pointerdown: 'move', touchstart: 'move' };

/**
 * 0 for fewer than four keys, then 1 (even as a machine) to 7 (very uneven).
 * @param {number} n pauses seen @param {number} sum @param {number} squares
 * @returns {number}
 */
export function jitterBucket(n, sum, squares) {
  if (n < 3) return 0;
  const spread = Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
  return 1 + JITTER_BOUNDS.filter((bound) => spread >= bound).length;
}

/** 0 none, 1 for 1 to 3, 2 for 4 to 15, 3 for 16 to 63, and so on to 7. @param {number} moves */
export function movesBucket(moves) {
  return moves && Math.min(7, 1 + Math.floor(Math.log2(moves) / 2));
}

export class Pace {
  #begun;
  #first = 0;
  #keys = 0;
  #lastKey = 0;
  #pauses = 0;
  #sum = 0;
  #squares = 0;
  #moves = 0;
  #pastes = 0;

  /** @param {number} now milliseconds on any steady clock; so are the others */
  constructor(now) {
    this.#begun = now;
  }

  /** @param {string} what @param {number} now */
  saw(what, now) {
    // Never at the very start, which would look like not at all.
    this.#first ||= Math.max(now, this.#begun + 1);
    if (what === 'move') this.#moves += 1;
    if (what === 'paste') this.#pastes += 1;
    if (what !== 'key') return;
    this.#keys += 1;
    const pause = now - this.#lastKey;
    // A pause to think is not part of the rhythm.
    if (this.#lastKey && pause < 2000) {
      this.#pauses += 1;
      this.#sum += pause;
      this.#squares += pause * pause;
    }
    this.#lastKey = now;
  }

  /** What goes out; all zeros where nobody touched the form. @param {number} now */
  summary(now) {
    const since = (/** @type {number} */ from, /** @type {number} */ to) => (this.#first ? Math.min(LONGEST_PAUSE_MS, Math.max(0, Math.round(to - from))) : 0);
    return {
      t_first: since(this.#begun, this.#first),
      t_total: since(this.#first, now),
      keys: Math.min(MOST_COUNTED, this.#keys),
      key_jitter_bucket: jitterBucket(this.#pauses, this.#sum, this.#squares),
      moves_bucket: movesBucket(this.#moves),
      pastes: Math.min(MOST_COUNTED, this.#pastes),
    };
  }
}

/** Calls back at every sign of life in the form. @param {HTMLElement} form @param {(what: string) => void} saw */
export function watchUse(form, saw) {
  for (const [name, what] of Object.entries(WATCHED)) form.addEventListener(name, () => saw(what), { passive: true });
}
