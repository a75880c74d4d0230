// The threshold lab: how scores and risks are spread, and what other thresholds would have made of the comments that
// came in. Nothing is changed from here: settings live in the server's file.

import { inWords, Problem } from '../api.js';
import { h } from '../dom.js';
import { address } from '../routes.js';
import { moment } from '../words.js';
import { fills } from './charts/svg.js';
import { Filters } from './filters.js';
import { Bench } from './lab/bench.js';
import { changed, fromQuery, toQuery } from './lab/proposal.js';
import { sheet } from './sheet.js';

/** @import { Context, View } from '../types.js' */
/** @import { InForce } from './lab/bench.js' */

/** A hand that still moves is not asked about. */
const PAUSE_MS = 150;
/** Reading a month of comments takes its time. */
const WITHIN_MS = 30_000;
const DAY_MS = 86_400_000;
/** @type {[string, string][]} */
const PERIODS = [['7', '7 days'], ['', '30 days'], ['90', '90 days']];

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  const lab = new Lab(ctx);
  await lab.load();
  return { element: lab.element, title: 'Thresholds', update: (route) => lab.filters.update(route), dispose: () => lab.dispose() };
}

class Lab {
  #ctx;
  #place = h('div', { class: 'lab' });
  #turn = 0;
  #timer = 0;
  #asking = new AbortController();
  /** @type {Bench | null} */
  #bench = null;
  filters;
  element;

  /** @param {Context} ctx */
  constructor(ctx) {
    this.#ctx = ctx;
    const sites = ctx.sites.length > 1 && { name: 'site', label: 'Site', options: { '': 'All sites', ...Object.fromEntries(ctx.sites.map((id) => [id, id])) } };
    this.filters = new Filters(ctx, [
      sites,
      { name: 'days', label: 'Period', options: PERIODS },
      { name: 'programs', label: 'Decisions by', options: { '': 'People and programs', false: 'People alone' } },
    ], () => void this.load());
    const lead = 'Drag a threshold to see what it would have made of the comments that came in. Nothing is changed here: settings live in the server’s file.';
    this.element = sheet({ title: 'Thresholds', lead }, fills(), this.filters.element, this.#place);
    this.element.classList.add('broad');
  }

  dispose() {
    clearTimeout(this.#timer);
    this.#asking.abort();
  }

  get #scope() {
    const { site, days, programs } = this.#ctx.query;
    return { ...(site ? { site } : {}), since: new Date(Date.now() - (Number(days) || 30) * DAY_MS).toISOString(), programs: programs !== 'false' };
  }

  async load() {
    const turn = (this.#turn += 1);
    this.dispose();
    this.#place.setAttribute('aria-busy', 'true');
    try {
      /** @type {InForce} */
      const found = await this.#ctx.api.get('/moderation/thresholds', { ...this.#scope, programs: String(this.#scope.programs) }, { timeout: WITHIN_MS });
      if (turn === this.#turn) this.#show(found);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    } finally {
      if (turn === this.#turn) this.#place.removeAttribute('aria-busy');
    }
  }

  /** @param {InForce} found */
  #show(found) {
    const { in_force: { figures, thresholds }, since } = found;
    if (figures.submissions === 0) {
      this.#bench = null;
      this.#place.replaceChildren(h('p', { class: 'empty' }, `Nothing came since ${moment(since)}, so there is nothing to try thresholds on.`));
      return;
    }
    const bench = new Bench(found, fromQuery(this.#ctx.query, thresholds), this.#ctx.sites.length > 1 ? this.#ctx.query.site || null : null, () => this.#tried());
    this.#bench = bench;
    this.#place.replaceChildren(bench.element);
    if (changed(bench.tried, thresholds).length > 0) void this.#ask(bench);
  }

  /** @param {unknown} error */
  #fail(error) {
    const site = this.#ctx.sites[0];
    // Sites that different settings judge cannot be looked at together.
    if (error instanceof Problem && error.errors.some(({ field, code }) => field === 'site' && code === 'required') && site) {
      this.#ctx.replace(address('lab', null, { ...this.#ctx.query, site }));
      this.filters.update({ name: 'lab', id: null, query: { ...this.#ctx.query, site } });
      return;
    }
    this.#place.replaceChildren(h('div', { class: 'notice warn', role: 'alert' }, h('p', null, inWords(error)), h('button', { type: 'button', class: 'button', onclick: () => void this.load() }, 'Try again')));
  }

  /** Others are tried: the address keeps them, and once the hand rests the past is asked. */
  #tried() {
    const bench = this.#bench;
    if (!bench) return;
    this.#ctx.query = { ...this.#ctx.query, ...toQuery(bench.tried, bench.inForce) };
    this.#ctx.replace(address('lab', null, this.#ctx.query));
    clearTimeout(this.#timer);
    this.#asking.abort();
    if (changed(bench.tried, bench.inForce).length === 0) return bench.settle(null);
    bench.wait();
    this.#timer = window.setTimeout(() => void this.#ask(bench), PAUSE_MS);
  }

  /** @param {Bench} bench */
  async #ask(bench) {
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    try {
      const found = await this.#ctx.api.post('/moderation/thresholds/preview', { ...bench.tried, ...this.#scope }, { signal, timeout: WITHIN_MS });
      if (!signal.aborted) bench.settle(found);
    } catch (error) {
      if (!signal.aborted) bench.fail(error, () => void this.#ask(bench));
    }
  }
}
