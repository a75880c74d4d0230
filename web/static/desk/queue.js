import { h } from './dom.js';
/** @param {import('./types.js').Context} ctx */
export async function view(ctx) { return { element: h('div', null, ctx.route), title: 'Queue' }; }
