// What a list of comments holds: the rows that were loaded, which one is open, which are chosen, what came or was
// settled elsewhere meanwhile. Knows nothing of the page; whoever shows it is told that something changed.

import { Unreachable } from './api.js';

/** @import { Item, ItemPage, Status } from './types.js' */

/** @typedef {{item: Item, index: number}} Place a row and where it stood */
/** @typedef {{status: Status | 'deleted', by: string | null, version: number}} Settled `version`: the one it has now */

/** Most that one request decides on. */
export const MOST_CHOSEN = 500;

export class Model {
  #fetch;
  #changed;
  #turn = 0;
  /** @type {Item[]} */
  items = [];
  /** @type {Item | null} */
  open = null;
  /** @type {string | null} */
  cursor = null;
  /** @type {'loading' | 'ready'} */
  state = 'loading';
  /** @type {unknown} */
  error = null;
  /** How many came since that belong here. */
  fresh = 0;
  /** @type {Set<string>} */
  chosen = new Set();
  /** Rows that somebody else dealt with, and stay until one looks away. @type {Map<string, Settled>} */
  settled = new Map();
  /** Open or shown comments whose text was changed since. @type {Set<string>} */
  changed = new Set();
  /** @type {string | null} */
  #anchor = null;

  /** @param {(cursor: string | null) => Promise<ItemPage>} fetch @param {() => void} changed */
  constructor(fetch, changed) {
    this.#fetch = fetch;
    this.#changed = changed;
  }

  /** From the start; what is open stays open. */
  load() {
    return this.#take(null, (page) => {
      this.items = page.items;
      this.fresh = 0;
      this.settled.clear();
      for (const id of this.chosen) if (!this.find(id)) this.chosen.delete(id);
      const again = this.open && this.find(this.open.id);
      if (again && again.version === this.open?.version) this.open = again;
    });
  }

  /** The next stretch, behind what is there. */
  async more() {
    if (this.state === 'loading' || !this.cursor) return;
    await this.#take(this.cursor, (page) => {
      const known = new Set(this.items.map(({ id }) => id));
      this.items.push(...page.items.filter(({ id }) => !known.has(id)));
    });
  }

  /** @param {string | null} cursor @param {(page: ItemPage) => void} put */
  async #take(cursor, put) {
    const turn = (this.#turn += 1);
    this.state = 'loading';
    this.error = null;
    this.#changed();
    try {
      const page = await this.#fetch(cursor);
      if (turn !== this.#turn) return;
      put(page);
      this.cursor = page.next_cursor;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.error = error ?? new Unreachable();
    }
    this.state = 'ready';
    this.#changed();
  }

  /** @param {string} id */
  find(id) {
    return this.items.find((item) => item.id === id) ?? null;
  }

  /** The row before (-1) or after (1) the open one; the first where none is open. @param {1 | -1} step */
  beside(step) {
    const at = this.items.findIndex(({ id }) => id === this.open?.id);
    return (at < 0 ? this.items[0] : this.items[at + step]) ?? null;
  }

  /** @param {Item | null} item */
  show(item) {
    this.open = item;
    this.#changed();
  }

  /** Takes rows away; where the open one goes, the one behind it opens. @param {readonly string[]} ids @returns {Place[]} */
  remove(ids) {
    const gone = new Set(ids);
    const openAt = this.items.findIndex(({ id }) => id === this.open?.id);
    const places = this.items.map((item, index) => ({ item, index })).filter(({ item }) => gone.has(item.id));
    if (this.open && gone.has(this.open.id)) {
      const rest = (/** @type {Item} */ { id }) => !gone.has(id);
      this.open = this.items.slice(openAt + 1).find(rest) ?? this.items.slice(0, Math.max(openAt, 0)).findLast(rest) ?? null;
    }
    this.items = this.items.filter(({ id }) => !gone.has(id));
    for (const id of ids) this.#forget(id);
    this.#changed();
    return places;
  }

  /** Puts rows back where they were. @param {readonly Place[]} places */
  restore(places) {
    for (const { item, index } of places) {
      if (this.find(item.id)) continue;
      this.items.splice(Math.min(index, this.items.length), 0, item);
    }
    this.#changed();
  }

  /** The comment as it stands now, where it is shown. @param {Item} item */
  replace(item) {
    this.items = this.items.map((shown) => (shown.id === item.id ? item : shown));
    if (this.open?.id === item.id) this.open = this.find(item.id) ?? item;
    this.settled.delete(item.id);
    this.changed.delete(item.id);
    this.#changed();
  }

  /** Somebody else dealt with it. @param {string} id @param {Settled} how */
  settle(id, how) {
    this.settled.set(id, how);
    this.chosen.delete(id);
    this.#changed();
  }

  /** Its text was changed, and what is shown is the one before. @param {string} id */
  outdate(id) {
    this.changed.add(id);
    this.#changed();
  }

  /** @param {number} n */
  came(n) {
    this.fresh += n;
    this.#changed();
  }

  /** @param {string} id @param {string | null} by @param {string | null} until */
  claim(id, by, until) {
    const put = (/** @type {Item} */ item) => (item.id === id ? { ...item, claimed_by: by, claimed_until: until } : item);
    this.items = this.items.map(put);
    if (this.open) this.open = put(this.open);
    this.#changed();
  }

  /** Chooses a row or lets it go; with `range` all from the one chosen before. @param {string} id @param {boolean} [range] */
  choose(id, range = false) {
    const on = !this.chosen.has(id);
    const at = (/** @type {string | null} */ wanted) => this.items.findIndex((item) => item.id === wanted);
    const [from, to] = [at(this.#anchor), at(id)].sort((a, b) => a - b);
    const ids = range && from !== undefined && to !== undefined && from >= 0 ? this.items.slice(from, to + 1).map((item) => item.id) : [id];
    for (const one of ids) this.#put(one, on);
    this.#anchor = id;
    this.#changed();
  }

  /** All that is shown, or none where all are. */
  chooseAll() {
    const able = this.items.filter(({ id }) => !this.settled.has(id)).slice(0, MOST_CHOSEN);
    const all = able.every(({ id }) => this.chosen.has(id));
    this.chosen = new Set(all ? [] : able.map(({ id }) => id));
    this.#changed();
  }

  chooseNone() {
    this.chosen.clear();
    this.#changed();
  }

  /** The chosen rows in their order. */
  get choice() {
    return this.items.filter(({ id }) => this.chosen.has(id));
  }

  /** @param {string} id @param {boolean} on */
  #put(id, on) {
    if (!on) this.chosen.delete(id);
    else if (this.chosen.size < MOST_CHOSEN && !this.settled.has(id)) this.chosen.add(id);
  }

  /** @param {string} id */
  #forget(id) {
    this.chosen.delete(id);
    this.settled.delete(id);
    this.changed.delete(id);
  }
}
