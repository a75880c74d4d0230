// The line over a list: in which order, of which site, all of it.

import { h } from './dom.js';
import { address } from './routes.js';

/** @import { Scope } from './scope.js' */
/** @import { Context } from './types.js' */

const ORDERS = { oldest: 'Oldest first', newest: 'Newest first', risk: 'Riskiest first' };

/** @param {Context} ctx @param {Scope} scope @param {() => void} chooseAll */
export function controls(ctx, scope, chooseAll) {
  const go = (/** @type {string} */ name) => (/** @type {Event} */ event) => {
    const { open, ...query } = ctx.query;
    ctx.navigate(address(ctx.route, ctx.params.id, { ...query, [name]: /** @type {HTMLSelectElement} */ (event.target).value }));
  };
  const option = (/** @type {string} */ value, /** @type {string} */ label, /** @type {string} */ chosen) => h('option', { value, selected: value === chosen }, label);
  const order = h('select', { class: 'small', 'aria-label': 'Order', onchange: go('order') }, Object.entries(ORDERS).map(([value, label]) => option(value, label, scope.order)));
  const sites = ctx.sites.length > 1 && h('select', { class: 'small', 'aria-label': 'Site', onchange: go('site') }, option('', 'All sites', ctx.query.site ?? ''), ctx.sites.map((id) => option(id, id, ctx.query.site ?? '')));
  return h('p', { class: 'controls' }, order, sites, h('button', { type: 'button', class: 'link', onclick: chooseAll }, 'Choose all'));
}
