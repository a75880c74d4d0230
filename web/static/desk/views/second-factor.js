// Setting up a second factor: the password, a secret for the app, its first code, and the recovery codes, told this
// once. And ending it.

import { dialog } from '../dialog.js';
import { fill, h } from '../dom.js';
import { copyButton } from './copy.js';
import { field, form, input } from './forms.js';

/** @import { Child } from '../dom.js' */
/** @import { Context } from '../types.js' */
/** @typedef {{secret: string, uri: string, qr_svg: string}} Secret */

/** @param {Context} ctx @returns {Promise<boolean>} whether it is in force */
export async function beginFactor(ctx) {
  let isOn = false;
  const made = dialog({
    title: 'Set up a second factor',
    wide: true,
    content: (close) => {
      const place = h('div', { class: 'stack' });
      const show = (/** @type {Child} */ step) => {
        fill(place, step);
        const first = place.querySelector('input:not([readonly]), button');
        if (first instanceof HTMLElement) first.focus();
      };
      const codes = (/** @type {string[]} */ given) => {
        isOn = true;
        // From here on the way out is the button that says they were kept.
        made.element.querySelector('.dialog-head .icon')?.remove();
        show(recovery(given, ctx.session.username, () => close('done')));
      };
      place.append(passwordStep('Go on', async (password) => show(scanStep(ctx, await ctx.api.post('/session/second-factor', { password }), codes, () => close(null)))));
      return place;
    },
  });
  made.element.addEventListener('keydown', (event) => {
    if (!isOn || event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  await made.closed;
  return isOn;
}

/** @param {string} label @param {(password: string) => Promise<void>} go @param {boolean} [danger] */
function passwordStep(label, go, danger = false) {
  const password = field('Your password', input({ type: 'password', required: true, autocomplete: 'current-password', maxlength: 256 }));
  return form({ label, danger, send: () => go(password.control.value), fields: { password } }, h('div', { class: 'narrow' }, password.element));
}

/** @param {Context} ctx @param {Secret} secret @param {(codes: string[]) => void} done @param {() => void} cancel */
function scanStep(ctx, { secret, uri, qr_svg: svg }, done, cancel) {
  const code = field('The code it shows', input({ required: true, inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 10, pattern: '[0-9 ]{6,10}', title: 'Six digits' }), 'Six digits, new every 30 seconds.');
  const send = async () => {
    const { recovery_codes: codes } = await ctx.api.post('/session/second-factor/confirm', { code: code.control.value.replaceAll(' ', '') });
    done(codes);
  };
  const link = h('a', { class: 'note' }, 'Open in an app here');
  link.href = uri;
  const typed = (secret.match(/.{1,4}/g) ?? []).join(' ');
  return [
    h('div', { class: 'scan' }, picture(svg), h(
      'div',
      { class: 'stack' },
      h('p', null, 'Scan this with an authenticator app, e.g. Aegis, 2FAS, Google Authenticator or your password manager.'),
      h('div', null, h('p', { class: 'label' }, 'Or type it in'), h('p', null, h('code', { class: 'secret' }, typed)), h('p', { class: 'buttons' }, copyButton(() => secret, 'Copy', 'button small'), link)),
    )),
    form({ label: 'Confirm', send, fields: { code }, more: h('button', { type: 'button', class: 'button', onclick: cancel }, 'Cancel') }, h('div', { class: 'narrow' }, code.element)),
  ];
}

/** The drawing as an image, so that nothing in it can act. @param {string} svg */
function picture(svg) {
  const image = h('img', { class: 'qr', alt: 'QR code of the secret that stands beside it as text', width: 200, height: 200 });
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  return image;
}

/** @param {string[]} codes @param {string} username whose they are @param {() => void} done */
function recovery(codes, username, done) {
  return [
    h('p', null, h('strong', null, 'It is in force.'), ' Keep these codes where your phone is not. Each lets you in once, in place of a code of the app. They are not shown again.'),
    h('p', { class: 'label' }, `Recovery codes of ${username} at ${location.host}`),
    h('ul', { class: 'codes printed', 'aria-label': 'Recovery codes' }, codes.map((code) => h('li', null, h('code', null, code)))),
    h('p', { class: 'buttons' }, copyButton(() => codes.join('\n'), 'Copy'), h('button', { type: 'button', class: 'button', onclick: () => print() }, 'Print')),
    h('p', { class: 'buttons' }, h('button', { type: 'button', class: 'button primary', onclick: done }, 'I have kept them')),
  ];
}

/** @param {Context} ctx @returns {Promise<boolean>} whether it is over */
export async function endFactor(ctx) {
  const made = dialog({
    title: 'End the second factor?',
    content: (close) => [
      h('p', null, 'Your password alone lets you in then. The recovery codes that you have hold no longer.'),
      passwordStep('End it', async (password) => {
        await ctx.api.post('/session/second-factor/end', { password });
        close('done');
      }, true),
    ],
  });
  const done = (await made.closed) !== null;
  if (done) ctx.toast('The second factor is over.');
  return done;
}
