// Follows the address: loads the view, shows it, and says where one is. A view that is slow to come shows that it
// is on its way; one that does not come can be tried again.

import { inWords } from './api.js';
import { fill, h } from './dom.js';
import { parse, PLACES } from './routes.js';

/** @import { Binding, Context, Route, View, ViewModule } from './types.js' */

/** Before that, a sign of waiting would only flicker. */
const PATIENCE_MS = 150;

export class Router {
  #main;
  #context;
  #shown;
  /** @type {View | null} */
  #view = null;
  /** @type {Route | null} */
  #route = null;
  #turn = 0;

  /**
   * @param {HTMLElement} main where views are shown
   * @param {(route: Route) => Context} context of a view
   * @param {(route: Route, keys: Binding[]) => void} shown told after each change
   */
  constructor(main, context, shown) {
    this.#main = main;
    this.#context = context;
    this.#shown = shown;
  }

  start() {
    addEventListener('hashchange', () => void this.#follow(true));
    return this.#follow(false);
  }

  /** @param {string} hash */
  navigate(hash) {
    if (location.hash === hash) void this.#follow(true);
    else location.hash = hash;
  }

  /** Makes the present view anew. */
  reload() {
    this.#dispose();
    return this.#follow(false);
  }

  /** @param {boolean} moved by the person, whose focus follows */
  async #follow(moved) {
    const route = parse(location.hash);
    const same = this.#route?.name === route.name;
    this.#route = route;
    if (same && this.#view?.update?.(route)) return this.#shown(route, this.#view.keys ?? []);
    this.#dispose();
    const turn = (this.#turn += 1);
    this.#shown(route, []);
    const timer = setTimeout(() => turn === this.#turn && this.#waiting(), PATIENCE_MS);
    try {
      const context = this.#context(route);
      const place = PLACES[route.name];
      if (place?.isAdmin && !context.isAdmin) return this.#refuse('This part of the desk is for admins.');
      const view = await (await load(route)).view(context);
      if (turn !== this.#turn) return view.dispose?.();
      this.#show(route, view, moved);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {Route} route @param {View} view @param {boolean} moved */
  #show(route, view, moved) {
    this.#view = view;
    this.#main.className = view.filled ? 'filled' : '';
    fill(this.#main, view.element);
    document.title = `${view.title} · Replydesk`;
    this.#shown(route, view.keys ?? []);
    view.shown?.();
    if (moved && !view.element.contains(document.activeElement)) this.#main.focus({ preventScroll: true });
    if (!view.filled) this.#main.scrollTop = 0;
  }

  #dispose() {
    this.#view?.dispose?.();
    this.#view = null;
  }

  #waiting() {
    this.#main.className = '';
    fill(this.#main, h('p', { class: 'sheet waiting', role: 'status' }, 'One moment…'));
  }

  get #title() {
    return h('h1', null, PLACES[this.#route?.name ?? '']?.title);
  }

  /** @param {string} text */
  #refuse(text) {
    this.#main.className = '';
    fill(this.#main, h('div', { class: 'sheet' }, this.#title, h('p', null, text)));
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#main.className = '';
    const again = h('button', { type: 'button', class: 'button', onclick: () => void this.#follow(false) }, 'Try again');
    fill(this.#main, h('div', { class: 'sheet', role: 'alert' }, this.#title, h('p', null, inWords(error)), h('p', { class: 'buttons' }, again)));
  }
}

/** @param {Route} route @returns {Promise<ViewModule>} */
async function load({ name }) {
  try {
    return await import(`./${PLACES[name]?.module ?? 'queue'}.js`);
  } catch (error) {
    if (error instanceof TypeError) throw new Error('This part of the desk could not be loaded. The network or the server is away.');
    throw error;
  }
}
