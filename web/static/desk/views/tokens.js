// What programs sign in with, for admins: the tokens there are, making one, revoking one. What a token says is told
// once and kept nowhere.

import { inWords } from '../api.js';
import { dialog } from '../dialog.js';
import { h, time } from '../dom.js';
import { showOnce } from './copy.js';
import { choice, field, form, group, input, select } from './forms.js';
import { Listing } from './listing.js';
import { sheet } from './sheet.js';
import { SCOPES, until } from './terms.js';

/** @import { Context, View } from '../types.js' */
/** @typedef {{name: string, scope: 'read' | 'decide' | 'admin', created_at: string, expires_at: string | null}} Token */

const SAYS = { read: 'sees the queue, the record and the figures', decide: 'also decides and bans, on all sites', admin: 'also looks after people and tokens' };
/** @type {[string, string][]} */
const LASTS = [['30', '30 days'], ['90', '90 days'], ['365', 'A year'], ['0', 'For good']];

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  /** @type {Listing<Token>} */
  const list = new Listing({
    label: 'API tokens',
    fetch: (cursor) => ctx.api.get('/moderation/tokens', { cursor }),
    key: ({ name }) => name,
    row: (token) => row(token, () => void revoke(token, ctx, list)),
    empty: () => 'No program has a token.',
  });
  const make = async () => {
    if (await makeDialog(ctx)) await list.load();
  };
  await list.load();
  const button = h('button', { type: 'button', class: 'button primary', onclick: () => void make() }, 'Make a token');
  const docs = h('a', { href: '/docs' }, 'the API');
  return {
    element: sheet({ title: 'API tokens', lead: ['For programs that use ', docs, '. Each does what its scope allows, on all sites.'], acts: button }, list.element),
    title: 'API tokens',
    keys: [{ keys: ['n'], label: 'Make a token', group: 'Here', run: () => void make() }],
  };
}

/** @param {Token} token @param {() => void} revoke */
function row({ name, scope, created_at: at, expires_at: end }, revoke) {
  const isOver = end !== null && new Date(end).getTime() <= Date.now();
  return [
    h(
      'div',
      { class: 'entry-main' },
      h('p', { class: 'entry-head' }, h('bdi', { class: 'value' }, name), h('span', { class: `badge ${scope === 'admin' ? 'note' : scope === 'decide' ? '' : 'plain'}` }, SCOPES[scope] ?? scope), isOver && h('span', { class: 'badge plain' }, 'Over')),
      h('p', { class: 'entry-meta' }, 'made ', time(at), ` · ${until(end)}`),
    ),
    h('p', { class: 'entry-acts' }, h('button', { type: 'button', class: 'button small', onclick: revoke, 'aria-label': `Revoke the token ${name}` }, 'Revoke')),
  ];
}

/** @param {Token} token @param {Context} ctx @param {Listing<Token>} list */
async function revoke(token, ctx, list) {
  if (!(await ctx.confirm({ title: `Revoke the token ${token.name}?`, text: 'The program that uses it is turned away from now on. It cannot be brought back, only replaced by another.', action: 'Revoke', danger: true }))) return;
  try {
    await ctx.api.delete(`/moderation/tokens/${encodeURIComponent(token.name)}`);
    ctx.toast(`The token ${token.name} is revoked.`);
    list.remove(token);
  } catch (error) {
    ctx.toast(inWords(error), { tone: 'warn' });
    await list.load();
  }
}

/** @param {Context} ctx @returns {Promise<boolean>} whether one was made */
async function makeDialog(ctx) {
  const name = field('Name', input({ required: true, maxlength: 64, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' }), 'What the program is, e.g. nightly-report. The record names it so.');
  const scopes = Object.entries(SAYS).map(([scope, says]) => choice('radio', { name: 'scope', value: scope, checked: scope === 'read' }, SCOPES[scope], says));
  const lasts = field('Holds for', select(LASTS, '90'));
  const expires = () => (Number(lasts.control.value) > 0 ? new Date(Date.now() + Number(lasts.control.value) * 86_400_000).toISOString() : null);
  const made = dialog({
    title: 'Make a token',
    keep: () => name.control.value !== '',
    content: (/** @type {(made: (Token & {token: string}) | null) => void} */ close) => {
      const send = async () => close(await ctx.api.post('/moderation/tokens', { name: name.control.value.trim(), scope: scopes.find(({ control }) => control.checked)?.control.value, expires_at: expires() }));
      return form({ label: 'Make it', send, fields: { name, expires_at: lasts }, more: h('button', { type: 'button', class: 'button', onclick: () => close(null) }, 'Cancel') }, name.element, group('It may', scopes.map(({ element }) => element)), lasts.element);
    },
  });
  const token = await made.closed;
  if (token) await showOnce({ title: `The token ${token.name}`, text: 'Put it where the program reads it. It works like a password.', label: 'Token', value: token.token, note: 'The program sends it as “Authorization: Bearer …”. It is not shown again; a lost one is revoked and replaced.' });
  return token !== null;
}
