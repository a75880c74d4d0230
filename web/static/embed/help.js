// What a form needs once somebody writes in it, the check above all: it comes with the first sign of life. A form that it
// does not reach works without. How the form is used is counted here; signals.js says how little of it goes out.

import { PLACES } from './places.js';

/** @import { Check, CheckOrder } from '../challenge.js' */

/**
 * @typedef {typeof import('../proof.js')} Solver
 * @typedef {{begun: number, first: number, keys: number[], counts: Record<string, number>}} Use
 *   when the form came, when it was first touched (0: not yet), when keys were pressed, how often what happened
 */

const SIGNS_OF_LIFE = ['focusin', 'input', 'keydown', 'paste', 'pointerdown', 'pointermove'];

/** @returns {Use} */
const unused = () => ({ begun: performance.now(), first: 0, keys: [], counts: {} });

export class Help {
  #order;
  #use = unused();
  /** @type {Promise<void> | null} */
  #coming = null;
  /** @type {Solver | null} */
  #solver = null;
  /** @type {Check | null} */
  #check = null;

  /** @param {CheckOrder} order */
  constructor(order) {
    this.#order = order;
  }

  /** @param {HTMLFormElement} form */
  watch(form) {
    for (const name of SIGNS_OF_LIFE) form.addEventListener(name, () => this.#saw(name), { passive: true });
  }

  /** @returns {Promise<string | null | undefined>} none where there is none to be had */
  async token() {
    await this.#come();
    return this.#check?.token();
  }

  /** How the form was used. */
  signals() {
    return this.#solver?.signalsOf(this.#use, performance.now());
  }

  /** The token has been used or was refused. */
  drop() {
    this.#check?.drop();
  }

  /** It has been sent: what follows is another comment. */
  renew() {
    this.drop();
    this.#use = unused();
  }

  /** The form is no longer on the page; when it is again, it begins anew. */
  stop() {
    this.#check?.stop();
    this.#check = this.#coming = null;
  }

  #come() {
    this.#coming ??= import(PLACES.solver).then(
      (/** @type {Solver} */ solver) => {
        this.#solver = solver;
        this.#check = new solver.Check(this.#order);
      },
      () => {
        this.#coming = null;
      },
    );
    return this.#coming;
  }

  /** @param {string} name of an event */
  async #saw(name) {
    const { keys, counts } = this.#use;
    const now = performance.now();
    this.#use.first ||= now;
    counts[name] = (counts[name] ?? 0) + 1;
    if (name === 'keydown') keys.push(now);
    if (name === 'pointermove') return;
    await this.#come();
    await this.#check?.prepare();
  }
}
