// A list of comments with the open one beside it: the queue, and every other list of comments. Puts model, list,
// open comment, decisions and the keyboard together; on narrow screens one of the two is seen at a time.

import { Acts, choices, queueKeys } from './acts.js';
import { Claims } from './claims.js';
import { h } from './dom.js';
import { hear } from './heard.js';
import { controls, List } from './list.js';
import { Model } from './model.js';
import { Pane } from './pane.js';
import { address, asked, scopeOf } from './routes.js';

/** @import { Child } from './dom.js' */
/** @import { Shower } from './decide.js' */
/** @import { Place } from './model.js' */
/** @import { Context, Detail, Item, ItemPage, Route, Status, View } from './types.js' */

const NARROW = matchMedia('(max-width: 47.99rem)');
/** Who only passes by asks for no thread and no history. */
const DWELL_MS = 120;

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  return queueView(ctx, {});
}

/**
 * @param {Context} ctx
 * @param {{title?: string, above?: Child, fetch?: (cursor: string | null) => Promise<ItemPage>}} more
 *   `above`: what stands over the list
 */
export function queueView(ctx, { title, above, fetch }) {
  const queue = new Queue(ctx, title, above, fetch);
  return queue.view();
}

class Queue {
  #ctx;
  #scope;
  #title;
  #model;
  #list;
  #pane;
  #acts;
  #claims;
  #timer = 0;
  /** @type {string | null} */
  #openId = null;
  /** Where rows stood that a decision took away. @type {Map<string, Place>} */
  #places = new Map();
  #ends;
  /** Somebody went on to another view. */
  #isOver = false;
  element;

  /** @param {Context} ctx @param {string | undefined} title @param {Child} above @param {((cursor: string | null) => Promise<ItemPage>) | undefined} fetch */
  constructor(ctx, title, above, fetch) {
    this.#ctx = ctx;
    this.#scope = scopeOf(ctx.route, ctx.params.id, ctx.query);
    this.#title = title ?? this.#scope.title;
    const ask = (/** @type {string | null} */ cursor) => ctx.api.get('/moderation/comments', asked(this.#scope, cursor));
    this.#model = new Model(fetch ?? ask, () => this.#render());
    this.#acts = new Acts(ctx, this.#model, this.#scope);
    const acts = this.#acts;
    this.#pane = new Pane(
      {
        decide: (action) => void acts.decide(action), decideAll: (action) => void acts.decideAll(action), reply: () => void acts.reply(), edit: () => void acts.edit(), ban: () => void acts.ban(),
        more: () => void import('./more.js').then(({ more }) => more(this.#model.open, ctx, acts, () => this.#claims.toggle())), back: () => this.back(), refresh: () => void this.refresh(),
      },
      ctx.session.username,
      ctx,
    );
    acts.pane = this.#pane;
    acts.refresh = () => this.refresh();
    this.#list = new List(this.#model, {
      head: [h('h1', null, this.#title), ctx.route !== 'comment' && controls(ctx, this.#scope, () => this.#model.chooseAll()), above],
      empty: this.#scope.empty,
      me: ctx.session.username,
      showsStatus: this.#scope.status === null,
      href: (item) => this.#address(item.id),
      actions: choices(this.#scope),
      open: (item) => this.open(item, true),
      decideChosen: (action) => void acts.decideChosen(action),
      fresh: () => void this.#model.load(),
    });
    this.#claims = new Claims(ctx.api, (id, by, until) => this.#model.claim(id, by, until));
    this.#ends = [ctx.decider.attach(this.#shower()), hear(ctx, this.#model, this.#scope)];
    this.element = h('div', { class: 'queue' }, this.#list.element, this.#pane.element);
  }

  /** @returns {View} */
  view() {
    void this.#start();
    return {
      element: this.element,
      title: this.#title,
      filled: true,
      keys: queueKeys(this, this.#acts, this.#model, this.#claims, this.#ctx),
      update: (route) => this.#update(route),
      dispose: () => {
        this.#isOver = true;
        for (const end of this.#ends) end();
        clearTimeout(this.#timer);
        this.#claims.dispose();
        this.#list.dispose();
      },
    };
  }

  async #start() {
    const wanted = this.#ctx.query.open;
    await this.#model.load();
    if (wanted) await this.#openById(wanted);
    else if (!NARROW.matches || this.#ctx.route === 'comment') this.open(this.#model.items[0] ?? null);
  }

  /** @param {Item | null} item @param {boolean} [chosen] by a click, so that it gets a step of its own in the browser's history on narrow screens */
  open(item, chosen = false) {
    if (this.#isOver) return;
    const was = this.#model.open;
    this.#model.show(item);
    const hash = this.#address(item?.id ?? null);
    if (NARROW.matches && chosen && !was) this.#ctx.navigate(hash);
    else this.#ctx.replace(hash);
    if (NARROW.matches && item) this.#pane.focus();
    else this.#list.reveal();
  }

  /** The one before or after. @param {1 | -1} step */
  go(step) {
    const item = this.#model.beside(step);
    if (!item) return void (step > 0 && this.#model.cursor ? this.#model.more() : this.#ctx.announce(step > 0 ? 'That was the last.' : 'That was the first.'));
    this.#keepFocus(() => this.open(item));
    this.#ctx.announce(`${item.name}: ${item.body.slice(0, 140)}`);
  }

  /** From the comment to the list, on narrow screens. */
  back() {
    const id = this.#model.open?.id ?? '';
    this.#model.show(null);
    this.#ctx.replace(this.#address(null));
    this.#list.link(id)?.focus();
  }

  /** Into the comment. */
  enter() {
    if (!this.#model.open) this.go(1);
    this.#pane.focus();
  }

  get isNarrow() {
    return NARROW.matches;
  }

  /** The open comment as the server has it now, with thread and history. */
  async refresh() {
    const id = this.#model.open?.id;
    if (!id) return;
    try {
      /** @type {Detail} */
      const detail = await this.#ctx.api.get(`/moderation/comments/${id}`);
      if (this.#model.open?.id !== id) return;
      const { status, decided_by: by, version } = detail;
      this.#model.replace(detail);
      if (this.#scope.status !== null && status !== this.#scope.status && this.#model.find(id)) this.#model.settle(id, { status, by, version });
      const { around } = await import('./around.js');
      this.#pane.rest(id, around(detail, this.#ctx));
    } catch (error) {
      this.#pane.rest(id, null, error);
    }
  }

  #render() {
    const model = this.#model;
    const { open } = model;
    this.#list.render();
    this.#pane.render({ item: open, settled: (open && model.settled.get(open.id)) ?? null, changed: open !== null && model.changed.has(open.id), isEmpty: model.state === 'ready' && model.items.length === 0 && !model.error });
    this.element.classList.toggle('showing', open !== null);
    if (open?.id === this.#openId) return;
    this.#openId = open?.id ?? null;
    clearTimeout(this.#timer);
    this.#claims.opened(this.#openId);
    if (open) this.#timer = window.setTimeout(() => void this.refresh(), DWELL_MS);
  }

  /** @returns {Shower} */
  #shower() {
    return {
      apply: (ids, status) => this.#apply(ids, status),
      updated: (item) => {
        const isShown = this.#model.find(item.id) !== null;
        if (isShown && this.#scope.status !== null && item.status !== this.#scope.status) this.#keepFocus(() => this.#model.remove([item.id]));
        else if (isShown || this.#model.open?.id === item.id) this.#model.replace(item);
        else void this.#next(item);
        if (this.#model.open?.id === item.id) void this.refresh();
        this.#ctx.live.recount();
      },
      look: (id) => void this.#openById(id, true),
      reload: () => void this.#model.load(),
    };
  }

  /** @param {readonly string[]} ids @param {Status} status */
  #apply(ids, status) {
    const model = this.#model;
    const items = ids.flatMap((id) => model.find(id) ?? (model.open?.id === id ? [model.open] : []));
    const shift = (/** @type {1 | -1} */ way) => items.forEach((item) => (way > 0 ? this.#ctx.live.shift(item.status, status, 1) : this.#ctx.live.shift(status, item.status, 1)));
    shift(1);
    for (const id of ids) this.#claims.ended(id);
    if (this.#scope.status === null || status === this.#scope.status) {
      for (const item of items) model.replace({ ...item, status });
      return () => {
        shift(-1);
        for (const item of items) model.replace(item);
      };
    }
    /** @type {Place[]} */
    let places = [];
    this.#keepFocus(() => {
      places = model.remove(ids);
      this.#ctx.replace(this.#address(model.open?.id ?? null));
    });
    for (const place of places) this.#places.set(place.item.id, place);
    return () => {
      shift(-1);
      if (this.#isOver) return;
      this.#keepFocus(() => {
        model.restore(places);
        const first = places[0]?.item ?? items[0];
        if (first) this.open(first);
      });
    };
  }

  /** Of near-copies that are one row, the next takes the place of the one decided on. @param {Item} item */
  async #next(item) {
    const place = this.#places.get(item.id);
    if (!('collapse' in this.#scope.params) || !place?.item.cluster || place.item.cluster.count < 2) return;
    const { status, site } = this.#scope.params;
    const { items } = await this.#ctx.api.get('/moderation/comments', { cluster: place.item.cluster.id, status, site, collapse: 'cluster', limit: 1 }, { quiet: true }).catch(() => ({ items: [] }));
    if (items[0] && !this.#model.items.some(({ cluster }) => cluster?.id === items[0].cluster?.id)) this.#model.restore([{ item: items[0], index: place.index }]);
  }

  /** @param {string} id @param {boolean} [anew] as the server has it, though it is in the list */
  async #openById(id, anew = false) {
    const item = (!anew && this.#model.find(id)) || (await this.#ctx.api.get(`/moderation/comments/${id}`).catch(() => null));
    if (item) return this.open(item);
    this.#ctx.toast('That comment is gone. Its author took it back, its time was over, or it was erased.', { tone: 'warn' });
  }

  /** @param {Route} route */
  #update({ id, query }) {
    const same = (/** @type {import('./types.js').Query} */ { open, ...rest }) => JSON.stringify(Object.entries(rest).sort());
    if (id !== this.#ctx.params.id || same(query) !== same(this.#ctx.query)) return false;
    if (query.open === this.#model.open?.id) return true;
    if (query.open) void this.#openById(query.open);
    else if (NARROW.matches) this.back();
    return true;
  }

  /** @param {string | null} open */
  #address(open) {
    return address(this.#ctx.route, this.#ctx.params.id, { ...this.#ctx.query, open: open ?? '' });
  }

  /** Runs it, and the focus is afterwards where somebody would look for it. @param {() => void} act */
  #keepFocus(act) {
    const inList = this.#list.hasFocus;
    act();
    const now = document.activeElement;
    const isLost = !(now instanceof HTMLElement) || now === document.body || !now.isConnected || now.offsetParent === null;
    if (NARROW.matches && this.#model.open) return isLost || inList ? this.#pane.focus() : undefined;
    if (isLost || inList) this.#list.focus();
  }
}
