// The banner of attack mode: where everything is held, since when, until when and why, and a way to end it. Drawn anew
// only where something else is so than before, so that nobody hears the same twice and no focus is lost.

import { inWords } from './api.js';
import { announce, fill, h } from './dom.js';
import { address } from './routes.js';
import { pathOf } from './views/terms.js';
import { excerpt } from './words.js';

/** @import { Api } from './api.js' */
/** @import { Live } from './live.js' */
/** @import { Attack } from './types.js' */

/** More than these are told by their number until somebody wants to see them. */
const SHOWN = matchMedia('(max-width: 47.99rem)').matches ? 1 : 3;
/** Characters of a path. */
const LONGEST = 80;
const CAUSES = {
  ceiling: 'more comments came than the limit lets through',
  refusals: 'far more senders were refused than is usual',
  hand: 'set by hand',
};
const today = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const anyDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** The time alone where it is today. @param {string} iso @param {Date} [now] */
export function clockOf(iso, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return (at.toDateString() === now.toDateString() ? today : anyDay).format(at);
}

/** What is held, without what is before and behind it. @param {{site: string, page: string | null}} attack @param {boolean} isOne there is but one site */
export function placeOf({ site, page }, isOne) {
  if (page === null) return isOne ? 'the whole site' : `all of ${site}`;
  const path = excerpt(pathOf(page), LONGEST);
  return isOne ? path : `${path} on ${site}`;
}

/** @param {Attack} attack @param {string} me */
export function causeOf({ cause, by }, me) {
  if (cause === 'hand' && by) return `set by ${by === me ? 'you' : by}`;
  return CAUSES[cause] ?? cause.replaceAll('_', ' ');
}

/** @param {Attack} attack */
const keyOf = ({ site, page }) => JSON.stringify([site, page]);

/** @typedef {{element: HTMLElement, until: HTMLElement, told: string}} Row */

export class Banner {
  #place;
  #desk;
  #list = h('ul', null);
  #more = h('button', { type: 'button', class: 'link', hidden: true, onclick: () => this.#showAll() });
  #isWhole = false;
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {readonly Attack[]} */
  #attacks = [];

  /** @param {HTMLElement} place @param {{api: Api, live: Live, toast: typeof import('./toast.js').toast, me: string, sites: readonly string[]}} desk */
  constructor(place, desk) {
    this.#place = place;
    this.#desk = desk;
    fill(place, this.#list, this.#more);
  }

  /** @param {readonly Attack[]} attacks */
  render(attacks) {
    const kept = new Set(attacks.map(keyOf));
    for (const [key, { element }] of this.#rows) {
      if (kept.has(key)) continue;
      const hadFocus = element.contains(document.activeElement);
      element.remove();
      this.#rows.delete(key);
      if (hadFocus) document.getElementById('main')?.focus();
    }
    if (this.#attacks.length > 0 && attacks.length === 0) announce('Attack mode is over. Comments are judged as usual.');
    this.#attacks = attacks;
    this.#place.hidden = attacks.length === 0;
    const shown = this.#isWhole ? attacks : attacks.slice(0, SHOWN);
    for (const attack of shown) this.#draw(attack);
    const rest = attacks.length - shown.length;
    this.#more.hidden = rest === 0;
    if (rest > 0) this.#more.textContent = `Show ${rest} more`;
  }

  /** @param {Attack} attack */
  #draw(attack) {
    const isOne = this.#desk.sites.length < 2;
    const place = placeOf(attack, isOne);
    const told = JSON.stringify([attack.since, attack.cause, attack.by]);
    const row = this.#rows.get(keyOf(attack));
    const until = `Until ${clockOf(attack.until)}${attack.cause === 'hand' ? '' : ', longer if more come'}.`;
    if (row?.told === told) {
      if (row.until.textContent !== until) row.until.textContent = until;
      return;
    }
    // What somebody was told stays; only what is new in it is said.
    const words = h('p', { role: 'status' });
    const ends = h('p', { class: 'attack-until' }, until);
    const where = attack.page === null ? address('waiting', null, isOne ? {} : { site: attack.site }) : address('page', null, { page: attack.page, site: attack.site, status: 'pending' });
    const button = h('button', { type: 'button', class: 'button small', 'aria-label': `End now: ${place}`, onclick: () => void this.#end(attack) }, 'End now');
    const element = h('li', null, h('div', null, words, ends), button);
    if (row) row.element.replaceWith(element);
    else this.#list.append(element);
    this.#rows.set(keyOf(attack), { element, until: ends, told });
    fill(words, h('strong', null, 'Attack mode'), ': everything on ', h('a', { href: where }, h('bdi', null, place)), ` has been held since ${clockOf(attack.since)}: `, causeOf(attack, this.#desk.me), '.');
  }

  #showAll() {
    this.#isWhole = true;
    this.render(this.#attacks);
    this.#list.querySelectorAll('button')[SHOWN]?.focus();
  }

  /** @param {Attack} attack */
  async #end({ site, page }) {
    const { api, live, toast, sites } = this.#desk;
    /** @type {Record<string, string>} */
    const of = page === null ? { site } : { site, page };
    try {
      await api.delete(`/moderation/attack?${new URLSearchParams(of)}`);
      const again = () => void api.put('/moderation/attack', of).then(() => live.recount(), (error) => toast(inWords(error), { tone: 'warn' }));
      toast(`Ended on ${placeOf({ site, page }, sites.length < 2)}. What is held still waits, and for a while it does not begin there by itself.`, { actions: [{ label: 'Hold again', run: again }] });
    } catch (error) {
      toast(inWords(error), { tone: 'warn' });
    }
    live.recount();
  }
}
