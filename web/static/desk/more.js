// What is seldom done with a comment, as a list of buttons.

import { dialog } from './dialog.js';
import { h } from './dom.js';

/** @import { Acts } from './acts.js' */
/** @import { Context, Item } from './types.js' */

/** @param {Item | null} item @param {Context} ctx @param {Acts} acts @param {() => Promise<string>} claim */
export async function more(item, ctx, acts, claim) {
  if (!item) return;
  const isTurnedDown = item.status === 'rejected' || item.status === 'spam';
  const isMine = item.claimed_by === ctx.session.username;
  /** @type {[string, () => unknown, boolean][]} */
  const offers = [
    ['Reply', () => acts.reply(), true],
    ['Edit', () => acts.edit(), true],
    ['Ban…', () => acts.ban(), true],
    ['Statement of reasons…', () => acts.statement(), isTurnedDown],
    ['Check the captcha again', () => acts.recheck(), item.captcha.outcome === 'unverified' && item.status === 'pending'],
    [isMine ? 'Give it back' : 'Claim it', async () => ctx.toast(await claim()), item.status === 'pending'],
    ['Copy a link to it', () => acts.copyLink(), true],
  ];
  const { closed } = dialog({
    title: 'More',
    content: (close) =>
      h('ul', { class: 'menu' }, offers.map(([label, , able], at) => able && h('li', null, h('button', { type: 'button', class: 'button', onclick: () => close(String(at)) }, label)))),
  });
  const chosen = await closed;
  if (chosen !== null) await offers[Number(chosen)]?.[1]();
}
