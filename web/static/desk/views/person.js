// One person: what they may do, how they sign in, where they are signed in, and how to part with them. For admins.

import { inWords, Problem } from '../api.js';
import { h, time } from '../dom.js';
import { address } from '../routes.js';
import { moment } from '../words.js';
import { fetchAll } from './all.js';
import { field, form, input } from './forms.js';
import { marks, roleFields, showInvitation, sitesOf } from './people.js';
import { sessionList } from './sessions.js';
import { section, sheet } from './sheet.js';

/** @import { Child } from '../dom.js' */
/** @import { Context, View } from '../types.js' */
/** @import { Person, PersonAndLink } from './people.js' */

/** @param {Context} ctx @param {string} name @returns {Promise<View>} */
export async function personView(ctx, name) {
  /** @type {Person | undefined} */
  const person = (await fetchAll(ctx, '/moderation/moderators')).find(({ username }) => username === name);
  const back = h('a', { href: address('people') }, '← Everybody');
  if (!person) return { element: sheet({ title: name, back }, h('p', { class: 'empty' }, 'Nobody has this name. They may have been removed.')), title: name };
  const again = () => ctx.navigate(address('people', name));
  const element = sheet(
    { title: name, back, lead: [marks(person), ` Since ${moment(person.created_at)} · `, person.seen_at ? ['last here ', time(person.seen_at)] : 'never here'] },
    rights(ctx, person),
    section('Signing in', signIn(ctx, person, again)),
    section('Sessions', sessions(ctx, person)),
    section('Remove', removal(ctx, person)),
  );
  return { element, title: name };
}

/** @param {string} name */
const path = (name) => `/moderation/moderators/${encodeURIComponent(name)}`;

/** @param {Context} ctx @param {Person} person */
function rights(ctx, person) {
  const role = roleFields(ctx, person);
  const email = field('Email', input({ type: 'email', maxlength: 254, value: person.email ?? '', autocomplete: 'off' }), 'Where colleagues reach them. Nothing is sent to it from here.');
  const send = async () => {
    /** @type {PersonAndLink} */
    const now = await ctx.api.patch(path(person.username), { ...role.values(), email: email.control.value.trim() || null });
    ctx.toast(`${now.username} is ${now.role === 'admin' ? 'an admin' : 'a moderator'} of ${sitesOf(now)} now.`);
  };
  return section(
    'What they may do',
    form({ label: 'Keep', send, fields: { role: role.role, email } }, h('div', { class: 'narrow stack' }, role.element, email.element)),
    h('p', { class: 'note' }, 'A change holds at once, also where they are signed in.'),
  );
}

/** @param {Context} ctx @param {Person} person @param {() => void} again shows them anew */
function signIn(ctx, person, again) {
  const { username, invited, second_factor: isGuarded } = person;
  const isSelf = username === ctx.session.username;
  const reset = async () => {
    const text = invited
      ? 'The link that they have holds no longer.'
      : 'The password that they have holds no longer, and they are signed out everywhere. Their second factor stays.';
    if (!(await ctx.confirm({ title: `Make a new link for ${username}?`, text, action: 'Make the link' }))) return;
    const made = await attempt(ctx, () => ctx.api.patch(path(username), { invite: true }));
    if (made?.invitation) await showInvitation(username, made.invitation);
    again();
  };
  const unguard = async () => {
    const text = 'Their password alone lets them in until they set up another. Do this for somebody who lost their phone and their recovery codes.';
    if (!(await ctx.confirm({ title: `Switch off the second factor of ${username}?`, text, action: 'Switch it off', danger: true }))) return;
    if (await attempt(ctx, () => ctx.api.patch(path(username), { second_factor: false }))) ctx.toast(`${username} signs in with the password alone now.`);
    again();
  };
  const password = isSelf ? 'Your own password is under “Your account”.' : invited ? 'They have not chosen a password yet.' : 'They chose a password of their own.';
  return [
    line('Password', password, !isSelf && h('button', { type: 'button', class: 'button small', onclick: () => void reset() }, invited ? 'Make a new link' : 'Reset by a new link')),
    line('Second factor', isGuarded ? 'Asked for when they sign in.' : 'None. Only they themselves can set one up.', isGuarded && !isSelf && h('button', { type: 'button', class: 'button small', onclick: () => void unguard() }, 'Switch off')),
  ];
}

/** @param {string} name @param {Child} told @param {Child} act */
const line = (name, told, act) => h('div', { class: 'setting' }, h('div', null, h('p', { class: 'label' }, name), h('p', { class: 'soft' }, told)), act);

/** @param {Context} ctx @param {Person} person */
function sessions(ctx, { username }) {
  const list = sessionList(ctx, { path: `${path(username)}/sessions`, empty: 'They are signed in nowhere.' });
  const button = h('button', { type: 'button', class: 'button small', hidden: true, onclick: () => void endAll() }, 'End all');
  const load = () => list.load().then(() => void (button.hidden = list.size === 0));
  void load();
  const endAll = async () => {
    if (!(await ctx.confirm({ title: `End all sessions of ${username}?`, text: username === ctx.session.username ? 'You are signed out here, too.' : 'They are signed out everywhere, and can sign in again.', action: 'End them' }))) return;
    if ((await attempt(ctx, () => ctx.api.delete(`${path(username)}/sessions`).then(() => true))) === true) ctx.toast('Their sessions are over.');
    await load();
  };
  return [list.element, h('p', { class: 'buttons' }, button)];
}

/** @param {Context} ctx @param {Person} person */
function removal(ctx, { username }) {
  if (username === ctx.session.username) return h('p', { class: 'soft' }, 'This is you. Another admin can remove you.');
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true });
  const remove = async () => {
    fault.hidden = true;
    const text = 'They are signed out everywhere and cannot sign in again. What they did stays in the record.';
    if (!(await ctx.confirm({ title: `Remove ${username}?`, text, action: 'Remove', danger: true }))) return;
    try {
      await ctx.api.delete(path(username));
      ctx.toast(`${username} is removed.`);
      ctx.navigate(address('people'));
    } catch (error) {
      fault.textContent = inWords(error);
      fault.hidden = false;
    }
  };
  return [h('p', { class: 'soft' }, 'They cannot sign in any more. What they did stays in the record.'), fault, h('p', { class: 'buttons' }, h('button', { type: 'button', class: 'button warn', onclick: () => void remove() }, 'Remove from the desk'))];
}

/** What was answered; null where it was refused, which is told. @template T @param {Context} ctx @param {() => Promise<T>} act @returns {Promise<T | null>} */
async function attempt(ctx, act) {
  try {
    return await act();
  } catch (error) {
    ctx.toast(error instanceof Problem && error.status === 404 ? 'Nobody has this name any more.' : inWords(error), { tone: 'warn' });
    return null;
  }
}
