// Who may sign in, for admins: everybody in a list, one person at a time with what can be changed about them.

import { h, time } from '../dom.js';
import { address } from '../routes.js';
import { moment } from '../words.js';
import { showOnce } from './copy.js';
import { choice, field, form, group, input, select } from './forms.js';
import { Listing } from './listing.js';
import { dialog } from '../dialog.js';
import { sheet } from './sheet.js';
import { ROLES } from './terms.js';

/** @import { Context, View } from '../types.js' */
/**
 * @typedef {{
 *   username: string, role: 'moderator' | 'admin', email: string | null, sites: string[] | null, created_at: string,
 *   second_factor: boolean, invited: boolean, seen_at: string | null,
 * }} Person
 * @typedef {{token: string, url: string, expires_at: string}} Invitation
 * @typedef {Person & {invitation: Invitation | null}} PersonAndLink
 */

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  if (ctx.params.id) return (await import('./person.js')).personView(ctx, ctx.params.id);
  /** @type {Listing<Person>} */
  const list = new Listing({
    label: 'People',
    fetch: (cursor) => ctx.api.get('/moderation/moderators', { limit: 200, cursor }),
    key: ({ username }) => username,
    row: (person) => row(person, ctx),
    empty: () => 'Nobody may sign in.',
  });
  const invite = async () => {
    if (await inviteDialog(ctx)) await list.load();
  };
  await list.load();
  const button = h('button', { type: 'button', class: 'button primary', onclick: () => void invite() }, 'Invite somebody');
  return {
    element: sheet({ title: 'People', lead: 'Who may sign in to the desk.', acts: button }, list.element),
    title: 'People',
    keys: [{ keys: ['n'], label: 'Invite somebody', group: 'Here', run: () => void invite() }],
  };
}

/** @param {Person} person @param {Context} ctx */
function row(person, ctx) {
  const { username, email, second_factor: isGuarded, seen_at: seen } = person;
  return h(
    'div',
    { class: 'entry-main' },
    h('p', { class: 'entry-head' }, h('a', { class: 'value', href: address('people', username) }, h('bdi', null, username)), username === ctx.session.username && h('span', { class: 'soft' }, '(you)'), marks(person)),
    h('p', { class: 'entry-meta' }, [sitesOf(person), isGuarded ? 'with a second factor' : 'password alone'].join(' · '), ' · ', seen ? ['last here ', time(seen)] : 'never here', email && [' · ', h('bdi', null, email)]),
  );
}

/** What is worth knowing of somebody at a glance. @param {Person} person */
export function marks({ role, invited }) {
  return [h('span', { class: `badge ${role === 'admin' ? '' : 'plain'}` }, ROLES[role] ?? role), invited && h('span', { class: 'badge note' }, 'Invited, not here yet')];
}

/** @param {Person} person */
export const sitesOf = ({ sites }) => (sites === null ? 'all sites' : sites.join(', ') || 'no site');

/** @param {Context} ctx @returns {Promise<boolean>} whether somebody was invited */
async function inviteDialog(ctx) {
  const name = field('Name', input({ required: true, maxlength: 64, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' }), 'Letters, digits, dots, dashes, underscores or @. They sign in with it, and the record names them so.');
  const email = field('Email', input({ type: 'email', maxlength: 254, autocomplete: 'off' }), 'Optional. Nothing is sent to it from here.');
  const role = roleFields(ctx, { role: 'moderator', sites: null });
  const made = dialog({
    title: 'Invite somebody',
    keep: () => name.control.value !== '',
    content: (/** @type {(made: PersonAndLink | null) => void} */ close) => {
      const send = async () => close(await ctx.api.post('/moderation/moderators', { username: name.control.value.trim(), email: email.control.value.trim() || null, ...role.values() }));
      return form({ label: 'Make the link', send, fields: { username: name, email, role: role.role }, more: h('button', { type: 'button', class: 'button', onclick: () => close(null) }, 'Cancel') }, name.element, role.element, email.element);
    },
  });
  const person = await made.closed;
  if (person?.invitation) await showInvitation(person.username, person.invitation);
  return person !== null;
}

/** The link, this once. @param {string} username @param {Invitation} invitation */
export function showInvitation(username, { url, expires_at: end }) {
  return showOnce({
    title: `The invitation of ${username}`,
    text: `Send this link to ${username}, where only they read it. Whoever opens it chooses the password.`,
    label: 'Link',
    value: url,
    note: `It holds until ${moment(end)}, works once, and is not shown again. A new one can be made at any time.`,
  });
}

/**
 * Role and sites, which belong together: an admin has all sites.
 * @param {Context} ctx @param {{role: string, sites: string[] | null}} now
 */
export function roleFields(ctx, now) {
  const role = field('Role', select(ROLES, now.role), 'Moderators decide and ban. Admins also look after people, tokens and bans on all sites.');
  const known = [...new Set([...ctx.sites, ...(now.sites ?? [])])];
  const all = choice('radio', { name: 'sites', value: 'all', checked: now.sites === null }, 'All sites');
  const some = choice('radio', { name: 'sites', value: 'some', checked: now.sites !== null }, 'Only these');
  const boxes = known.map((id) => choice('checkbox', { value: id, checked: now.sites?.includes(id) ?? false }, id));
  const element = group('Sites', [all.element, some.element, h('div', { class: 'inset' }, boxes.map((box) => box.element))]);
  const show = () => {
    const isAdmin = role.control.value === 'admin';
    element.hidden = isAdmin || known.length < 2;
    for (const { control } of boxes) control.disabled = all.control.checked;
  };
  for (const part of [role.element, element]) part.addEventListener('change', show);
  show();
  const values = () => {
    const isAll = role.control.value === 'admin' || all.control.checked;
    const chosen = boxes.filter(({ control }) => control.checked).map(({ control }) => control.value);
    if (!isAll && chosen.length === 0) throw new Error('Choose at least one site.');
    return { role: role.control.value, sites: isAll ? null : chosen };
  };
  return { role, element: h('div', { class: 'stack' }, role.element, element), values };
}
