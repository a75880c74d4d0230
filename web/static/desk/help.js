// The keyboard's map as a dialog. Loaded when somebody asks.

import { dialog } from './dialog.js';
import { h } from './dom.js';
import { areKeysOn, keyNames } from './keys.js';

/** @import { Binding } from './types.js' */

/** @param {readonly Binding[]} bindings */
export function showHelp(bindings) {
  const shown = bindings.filter(({ hidden }) => !hidden);
  const groups = [...new Set(shown.map(({ group }) => group))];
  const off = h('p', { class: 'note' }, 'Single keys are switched off in this browser; ', h('a', { href: '#/account' }, 'your account'), ' has the switch.');
  const made = dialog({
    title: 'Keyboard',
    wide: true,
    content: () => [
      !areKeysOn() && off,
      h('div', { class: 'columns' }, groups.map((group) => section(group, shown.filter((one) => one.group === group)))),
    ],
  });
  made.element.addEventListener('click', (event) => event.target instanceof HTMLAnchorElement && made.close(null));
}

/** @param {string} title @param {readonly Binding[]} bindings */
function section(title, bindings) {
  const line = (/** @type {Binding} */ { keys, label }) => h('div', null, h('dt', null, keys.map((one, at) => [at > 0 && ' or ', combination(one)])), h('dd', null, label));
  return h('section', null, h('h3', null, title), h('dl', { class: 'keys' }, bindings.map(line)));
}

/** @param {string} keys */
function combination(keys) {
  return keyNames(keys).map((name, at) => [at > 0 && ' then ', name.split(' ').map((part) => h('kbd', null, part))]);
}
