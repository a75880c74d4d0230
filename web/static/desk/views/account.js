// One's own account: the password, the second factor, where one is signed in, and whether single keys act.

import { inWords } from '../api.js';
import { h } from '../dom.js';
import { areKeysOn, switchKeys } from '../keys.js';
import { field, form, input } from './forms.js';
import { sessionList } from './sessions.js';
import { section, sheet } from './sheet.js';
import { ROLES } from './terms.js';

/** @import { Context, Session, View } from '../types.js' */
/** @import { Listing } from './listing.js' */
/** @import { OpenSession } from './sessions.js' */

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  /** @type {Session} */
  const session = await ctx.api.get('/session');
  const sites = session.sites ? session.sites.join(', ') : 'all sites';
  const element = sheet(
    { title: 'Your account', lead: `You are ${session.username}, ${ROLES[session.role]?.toLowerCase() ?? session.role} of ${sites}.` },
    section('Password', password(ctx, session)),
    section('Second factor', factor(ctx, session.second_factor ?? false)),
    section('Where you are signed in', sessions(ctx)),
    section('Keyboard', keyboard(ctx)),
  );
  return { element, title: 'Your account' };
}

/** @param {Context} ctx @param {Session} session */
function password(ctx, { username }) {
  const current = field('The one you have', input({ type: 'password', required: true, autocomplete: 'current-password', maxlength: 256 }));
  const next = field('A new one', input({ type: 'password', required: true, autocomplete: 'new-password', minlength: 12, maxlength: 128 }), 'At least 12 characters; a few words of your own do well.');
  const again = field('The new one again', input({ type: 'password', required: true, autocomplete: 'new-password', maxlength: 128 }));
  const fields = [current, next, again];
  const send = async () => {
    if (next.control.value !== again.control.value) {
      again.control.focus();
      throw new Error('The two new passwords are not the same.');
    }
    await ctx.api.post('/session/password', { current: current.control.value, password: next.control.value });
    for (const { control } of fields) control.value = '';
    ctx.toast('The new password holds. Your other sessions are over.');
  };
  // Password managers look for the name beside the passwords.
  const name = h('input', { type: 'text', name: 'username', autocomplete: 'username', value: username, readonly: true, hidden: true });
  return form({ label: 'Change the password', send, fields: { current, password: next } }, name, h('div', { class: 'narrow stack' }, fields.map(({ element }) => element)));
}

/** @param {Context} ctx @param {boolean} isOn */
function factor(ctx, isOn) {
  const place = h('div', { class: 'stack' });
  const put = (/** @type {boolean} */ on) => {
    const change = async () => {
      const { beginFactor, endFactor } = await import('./second-factor.js');
      if (await (on ? endFactor(ctx) : beginFactor(ctx))) put(!on);
    };
    const button = h('button', { type: 'button', class: on ? 'button' : 'button primary', onclick: () => void change().catch(() => ctx.toast('This part of the desk could not be loaded. The network or the server is away.', { tone: 'warn' })) }, on ? 'End it' : 'Set it up');
    const told = on
      ? 'A code of your app is asked for when you sign in. Whoever has your password alone stays outside.'
      : 'An app on your phone shows a code that is asked for beside the password, so that a password that was found out is not enough.';
    const state = h('span', { class: `badge ${on ? '' : 'plain'}` }, on ? 'In force' : 'None');
    place.replaceChildren(h('p', null, state, ' ', told), h('p', { class: 'buttons' }, button));
  };
  put(isOn);
  return place;
}

/** @param {Context} ctx */
function sessions(ctx) {
  const end = async (/** @type {OpenSession} */ session, /** @type {Listing<OpenSession>} */ list) => {
    try {
      await ctx.api.delete(`/sessions/${encodeURIComponent(session.id)}`);
      list.remove(session);
      ctx.toast('That session is over.');
    } catch (error) {
      ctx.toast(inWords(error), { tone: 'warn' });
      await list.load();
    }
  };
  const list = sessionList(ctx, { path: '/sessions', empty: 'None.', end: (session, list) => void end(session, list) });
  const endOthers = async () => {
    if (!(await ctx.confirm({ title: 'End all other sessions?', text: 'You stay signed in here. Everywhere else the password is asked for again.', action: 'End them' }))) return;
    try {
      await ctx.api.delete('/sessions');
      ctx.toast('Your other sessions are over.');
    } catch (error) {
      ctx.toast(inWords(error), { tone: 'warn' });
    }
    await list.load();
  };
  void list.load();
  return [list.element, h('p', { class: 'buttons' }, h('button', { type: 'button', class: 'button small', onclick: () => void endOthers() }, 'End all others'))];
}

/** @param {Context} ctx */
function keyboard(ctx) {
  const box = h('input', { type: 'checkbox', checked: areKeysOn(), onchange: () => {
    switchKeys(box.checked);
    ctx.announce(box.checked ? 'Single keys act again.' : 'Single keys do nothing now.');
  } });
  return [
    h('label', { class: 'choice' }, box, h('span', null, 'Single keys act, e.g. “a” approves')),
    h('p', { class: 'note' }, 'Switch this off where you speak to your computer, or press keys by mistake. It is kept in this browser. “?” shows all keys.'),
  ];
}
