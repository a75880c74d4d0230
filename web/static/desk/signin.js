// The forms before the desk: name and password, the code of a second factor, the first password of somebody
// invited. As a page of their own, or over the page when a session has ended.

import { inWords, Problem } from './api.js';
import { dialog } from './dialog.js';
import { fill, freshId, h, mark } from './dom.js';

/** @import { Api } from './api.js' */
/** @import { Child } from './dom.js' */
/** @import { Session } from './types.js' */
/** @typedef {(session: Session) => void} Begun */

/**
 * A labelled field. @param {string} label @param {Record<string, unknown>} props of the input @param {string} [note]
 */
function field(label, props, note) {
  const id = freshId('field');
  const input = h('input', { id, class: 'input', required: true, 'aria-describedby': note ? `${id}-note` : null, ...props });
  return { input, element: h('p', { class: 'field' }, h('label', { for: id }, label), input, note && h('span', { class: 'note', id: `${id}-note` }, note)) };
}

/**
 * A form that sends, says what was refused, and keeps what was typed.
 * @param {string} label of the button @param {Child} fields @param {() => Promise<void>} send
 */
function form(label, fields, send) {
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true });
  const button = h('button', { type: 'submit', class: 'button primary' }, label);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    fault.hidden = true;
    try {
      await send();
    } catch (error) {
      fault.textContent = error instanceof Problem && error.retryAfter ? `${inWords(error)} Try again in ${Math.ceil(error.retryAfter / 60)} min.` : inWords(error);
      fault.hidden = false;
    } finally {
      button.disabled = false;
    }
  };
  return h('form', { class: 'stack', method: 'post', onsubmit: submit }, fields, fault, h('p', { class: 'buttons' }, button));
}

/** The field for the code of a second factor, hidden until the server asks for one. */
function codeField() {
  const { input, element } = field('Code', { name: 'code', autocomplete: 'one-time-code', autocapitalize: 'none', spellcheck: 'false', maxlength: 64 }, 'The six digits of your app, or one of your recovery codes.');
  element.hidden = true;
  input.required = false;
  /** With the code where one is asked for. @param {Record<string, string>} given */
  const beside = (given) => (element.hidden ? given : { ...given, code: input.value.trim() });
  /** Shows the field where that is what is missing; other refusals are thrown on. @param {unknown} error */
  const ask = (error) => {
    if (!(error instanceof Problem && error.more.second_factor)) throw error;
    element.hidden = false;
    input.required = true;
    input.select();
    input.focus();
    if (error.more.second_factor === 'wrong') throw new Error('That code is not right, or it was used before. Wait for the next one.');
  };
  return { element, beside, ask };
}

/** @param {Api} api @param {Begun} begun @param {string} [username] who it was */
export function signInForm(api, begun, username = '') {
  const name = field('Name', { name: 'username', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', value: username, maxlength: 256, autofocus: !username });
  const password = field('Password', { type: 'password', name: 'password', autocomplete: 'current-password', maxlength: 256, autofocus: !!username });
  const code = codeField();
  return form('Sign in', [name.element, password.element, code.element], async () => {
    try {
      begun(await api.post('/session', code.beside({ username: name.input.value, password: password.input.value }), { quiet: true }));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) password.input.focus();
      code.ask(error);
    }
  });
}

/** @param {Api} api @param {string} token @param {Begun} begun */
export function invitationForm(api, token, begun) {
  const rule = 'At least 12 characters; a few words of your own do well.';
  const password = field('New password', { type: 'password', name: 'password', autocomplete: 'new-password', minlength: 12, maxlength: 128, autofocus: true }, rule);
  const again = field('The same again', { type: 'password', name: 'again', autocomplete: 'new-password', maxlength: 128 });
  const code = codeField();
  return form('Set password and sign in', [password.element, again.element, code.element], async () => {
    if (password.input.value !== again.input.value) {
      again.input.select();
      throw new Error('The two passwords are not the same.');
    }
    try {
      begun(await api.post('/session/invitation', code.beside({ token, password: password.input.value }), { quiet: true }));
    } catch (error) {
      code.ask(error);
    }
  });
}

/** The page before the desk. @param {Element} place @param {Api} api @param {string | null} invitation @returns {Promise<Session>} */
export function signInPage(place, api, invitation) {
  return new Promise((resolve) => {
    const title = invitation ? 'Welcome to the desk' : 'Sign in';
    document.title = `${title} · Replydesk`;
    const content = invitation ? invitationForm(api, invitation, resolve) : signInForm(api, resolve);
    const brand = h('p', { class: 'brand' }, mark(28), 'Replydesk');
    fill(place, h('main', { class: 'alone', id: 'main', tabindex: '-1' }, brand, h('h1', null, title), invitation && h('p', null, 'You were invited. Choose a password, and you are in.'), content));
    content.querySelector('input')?.focus();
  });
}

/** Over the page, after a session has ended. @param {Api} api @param {string} username @returns {Promise<Session>} */
export async function signInOver(api, username) {
  /** @type {Session | null} */
  let session = null;
  const made = dialog({
    title: 'Your session has ended',
    closable: false,
    content: (close) => {
      const begun = (/** @type {Session} */ given) => {
        session = given;
        close('done');
      };
      return [h('p', null, 'Sign in to go on. What you typed is still there.'), signInForm(api, begun, username)];
    },
  });
  await made.closed;
  if (!session) throw new Error('Nobody signed in.');
  return session;
}
