// The frame around every view: the ways to all places with the counts beside them, who is signed in, and whether
// what is shown keeps up with what happens.

import { announce, fill, h, mark } from './dom.js';
import { address, PLACES } from './routes.js';
import { count, plural } from './words.js';

/** @import { Live } from './live.js' */
/** @import { Route, Session, Summary } from './types.js' */

/** Which status a place counts. @type {Record<string, string>} */
const COUNTED = { waiting: 'pending', published: 'approved', rejected: 'rejected', spam: 'spam' };
const STATES = { live: 'Up to date', polling: 'Looking every 15 s', offline: 'Offline' };

export class Frame {
  /** Where attack mode is told. */
  attack = h('section', { class: 'attack', 'aria-label': 'Attack mode', hidden: true });
  main = h('main', { id: 'main', tabindex: '-1' });
  #links = new Map(/** @type {[string, {link: HTMLElement, count: HTMLElement}][]} */ ([]));
  #state = h('p', { class: 'state', dataset: { state: 'polling' } }, STATES.polling);
  #offline = h('p', { class: 'strip', role: 'status', hidden: true });
  #outbox = h('p', { class: 'strip', role: 'status', hidden: true });
  #menu = h('button', { type: 'button', class: 'icon', 'aria-label': 'Menu', 'aria-expanded': 'false', 'aria-controls': 'side', onclick: () => this.toggle() }, '☰');
  #here = h('span', { class: 'here' });
  #side;
  #acts;
  /** @type {Route | null} */
  #route = null;
  /** @type {Summary | null} */
  #summary = null;

  /** @param {Session} session @param {{help: () => void, signOut: () => void, resend: () => void, drop: () => void}} acts */
  constructor(session, acts) {
    const { help, signOut } = acts;
    this.#acts = acts;
    this.#side = h(
      'nav',
      { id: 'side', class: 'side', 'aria-label': 'Desk' },
      h('p', { class: 'brand' }, mark(24), 'Replydesk'),
      this.#group('queue', 'Comments'),
      this.#group('work', 'Work'),
      session.role === 'admin' && this.#group('admin', 'Administration'),
      h(
        'div',
        { class: 'side-foot' },
        this.#state,
        h('ul', null, this.#item('account', session.username)),
        h('p', { class: 'side-acts' }, h('button', { type: 'button', class: 'link', onclick: help }, 'Keyboard'), h('button', { type: 'button', class: 'link', onclick: signOut }, 'Sign out')),
      ),
    );
    this.#side.addEventListener('click', (event) => event.target instanceof Element && event.target.closest('a') && this.toggle(false));
    this.#side.addEventListener('keydown', (event) => event.key === 'Escape' && this.toggle(false));
    this.#side.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !this.#side.contains(relatedTarget) && relatedTarget !== this.#menu) this.toggle(false);
    });
  }

  get element() {
    const skip = h('a', { class: 'skip', href: '#main', onclick: (/** @type {Event} */ event) => this.#skip(event) }, 'Skip to the comments');
    const top = h('header', { class: 'top' }, this.#menu, this.#here);
    return [skip, top, this.#side, h('div', { class: 'stage' }, this.#offline, this.#outbox, this.attack, this.main)];
  }

  /** @param {Route} route */
  at(route) {
    this.#route = route;
    for (const [name, { link }] of this.#links) {
      if (name === route.name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    this.#tell();
  }

  /** @param {Summary} summary */
  counts(summary) {
    this.#summary = summary;
    for (const [name, status] of Object.entries(COUNTED)) {
      const place = this.#links.get(name)?.count;
      if (place) place.textContent = count(summary.counts[status] ?? 0);
    }
    this.#tell();
  }

  /** @param {Live['state']} state */
  state(state) {
    this.#state.dataset.state = state;
    this.#state.textContent = STATES[state];
    this.#offline.hidden = state !== 'offline';
    this.#offline.textContent = state === 'offline' ? 'There is no connection. What you decide is kept here and sent once there is.' : '';
    if (state !== 'offline' && this.#wasOffline) announce('Connected again.');
    this.#wasOffline = state === 'offline';
  }
  #wasOffline = false;

  /** How many decisions could not be sent yet. @param {number} n */
  outbox(n) {
    const { resend, drop } = this.#acts;
    this.#outbox.hidden = n === 0;
    fill(this.#outbox, n > 0 && [`${plural(n, 'decision is', 'decisions are')} not sent yet. `, h('button', { type: 'button', class: 'link', onclick: resend }, 'Send now'), ' ', h('button', { type: 'button', class: 'link', onclick: drop }, 'Take back')]);
  }

  /** The drawer of narrow screens. @param {boolean} [open] */
  toggle(open = this.#menu.getAttribute('aria-expanded') === 'false') {
    if (String(open) === this.#menu.getAttribute('aria-expanded')) return;
    this.#menu.setAttribute('aria-expanded', String(open));
    this.#side.classList.toggle('open', open);
    if (open) this.#side.querySelector('a')?.focus();
    else if (this.#side.contains(document.activeElement)) this.#menu.focus();
  }

  /** @param {string} group @param {string} title */
  #group(group, title) {
    const names = Object.keys(PLACES).filter((name) => !PLACES[name]?.isHidden && (PLACES[name]?.group === group || (group === 'queue' && PLACES[name]?.group === 'find')));
    return [h('h2', { class: 'side-title' }, title), h('ul', null, names.map((name) => this.#item(name, PLACES[name]?.title ?? name)))];
  }

  /** @param {string} name @param {string} title */
  #item(name, title) {
    const counted = h('span', { class: 'count' });
    const link = h('a', { href: address(name) }, h('span', null, title), counted);
    this.#links.set(name, { link, count: counted });
    return h('li', null, link);
  }

  /** The fragment belongs to the routes, so the skip link moves the focus itself. @param {Event} event */
  #skip(event) {
    event.preventDefault();
    this.main.focus();
  }

  #tell() {
    const name = this.#route?.name ?? 'waiting';
    const status = COUNTED[name];
    const waiting = this.#summary?.counts.pending ?? 0;
    const number = status && this.#summary ? count(this.#summary.counts[status] ?? 0) : '';
    fill(this.#here, PLACES[name]?.title ?? '', number && h('span', { class: 'count' }, number));
    document.title = document.title.replace(/^(\(\d+\) )?/, waiting > 0 ? `(${waiting}) ` : '');
  }
}
