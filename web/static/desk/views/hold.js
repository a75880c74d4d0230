// Attack mode by hand: everything on a site or a page is held for a while, whatever its mode and whoever writes.

import { dialog } from '../dialog.js';
import { h } from '../dom.js';
import { field, form, select } from './forms.js';
import { pathOf } from './terms.js';

/** @import { Context } from '../types.js' */

/** For how many minutes. @type {[string, string][]} */
const SPANS = [['15', '15 minutes'], ['30', '30 minutes'], ['60', '1 hour'], ['240', '4 hours'], ['720', '12 hours'], ['1440', '24 hours']];

/** Asks for how long, and where if that is not settled; true where it was set. @param {Context} ctx @param {{site?: string, page?: string | null}} place @returns {Promise<boolean>} */
export async function holdDialog(ctx, { site, page = null }) {
  const where = field('Where', select(Object.fromEntries(ctx.sites.map((id) => [id, `All of ${id}`])), site ?? ctx.query.site ?? ctx.sites[0] ?? ''));
  const minutes = field('For how long', select(SPANS, '60'), 'It ends by itself. You can end it sooner.');
  const asksWhere = site === undefined && ctx.sites.length > 1;
  const name = page ? pathOf(page) : site && ctx.sites.length > 1 ? `all of ${site}` : 'the site';
  const made = dialog({
    title: asksWhere ? 'Hold everything on a site' : `Hold everything on ${name}`,
    content: (close) => {
      const send = async () => {
        const set = { site: site ?? where.control.value, minutes: Number(minutes.control.value), ...(page ? { page } : {}) };
        await ctx.api.put('/moderation/attack', set);
        ctx.live.recount();
        close('done');
      };
      const words = h('p', null, 'Every comment waits for a moderator, whoever writes it, and a browser has to do more work before it may send one. No reader is refused by this, and what is published stays.');
      return form({ label: 'Hold everything', send, fields: { site: where, minutes }, more: h('button', { type: 'button', class: 'button', onclick: () => close(null) }, 'Cancel') }, words, asksWhere && where.element, minutes.element);
    },
  });
  return (await made.closed) !== null;
}
