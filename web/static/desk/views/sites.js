// The sites as they are set up, as far as it helps to moderate them. Nothing is changed here: settings live in the
// file.

import { away, h } from '../dom.js';
import { address } from '../routes.js';
import { fetchAll } from './all.js';
import { sheet } from './sheet.js';
import { MODES, PROVIDERS } from './terms.js';

/** @import { Child } from '../dom.js' */
/** @import { Context, View } from '../types.js' */
/**
 * @typedef {{
 *   id: string, origins: string[], lang: string, mode: string, trusted_after: number, close_after: string | null,
 *   captcha: {provider: string, reject_below: number, hold_below: number}, scoring: {hold_at: number, spam_at: number}, contact: string | null,
 * }} Site
 */

const UNITS = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' };
const languages = new Intl.DisplayNames('en-GB', { type: 'language' });

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  /** @type {Site[]} */
  const sites = await fetchAll(ctx, '/moderation/sites');
  const cards = sites.map((site) => card(site, ctx));
  const element = sheet(
    { title: 'Sites', lead: 'How each site is set up. Settings live in the server’s file; nothing is changed here.' },
    cards.length > 0 ? h('div', { class: 'cards' }, cards) : h('p', { class: 'empty' }, 'There is no site that you work on.'),
  );
  return { element, title: 'Sites' };
}

/** @param {Site} site @param {Context} ctx */
function card({ id, origins, lang, mode, trusted_after: trusted, close_after: close, captcha, scoring, contact }, ctx) {
  const isChecked = captcha.provider !== 'none';
  return h(
    'article',
    { class: 'card' },
    h('h2', null, id),
    h('ul', { class: 'plain-list' }, origins.map((origin) => h('li', null, away(origin, origin)))),
    h(
      'dl',
      { class: 'facts wide' },
      fact('Language', language(lang)),
      fact('Who publishes', MODES[mode] ?? mode, mode === 'trusted' && h('span', { class: 'soft' }, ` (from ${trusted} approvals on)`)),
      fact('Pages close', close === null ? 'never' : `${duration(close)} after the first comment`),
      fact('Captcha', PROVIDERS[captcha.provider] ?? captcha.provider, isChecked && [h('br', null), h('span', { class: 'soft' }, `refused below ${captcha.reject_below}, waits below ${captcha.hold_below}`)]),
      fact('Risk', `waits from ${scoring.hold_at} on, spam from ${scoring.spam_at} on`),
      fact('Contact', contact === null ? h('span', { class: 'soft' }, 'None: refused readers have nobody to turn to') : away(contact, contact.replace(/^mailto:/, ''))),
    ),
    h('p', { class: 'card-links' }, h('a', { href: address('waiting', null, { site: id }) }, 'What waits'), h('a', { href: address('pages', null, { site: id }) }, 'Pages'), h('a', { href: address('lab', null, { site: id }) }, 'Thresholds'), h('a', { href: address('statistics', null, { site: id }) }, 'Statistics'), h('button', { type: 'button', class: 'link', 'aria-label': `Hold everything for… on ${id}`, onclick: () => void import('./hold.js').then(({ holdDialog }) => holdDialog(ctx, { site: id })) }, 'Hold everything for…')),
  );
}

/** @param {string} name @param {...Child} value */
const fact = (name, ...value) => h('div', null, h('dt', null, name), h('dd', null, value));

/** @param {string} tag */
function language(tag) {
  try {
    return languages.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** A span as settings write it, e.g. 30d, in words. @param {string} text */
function duration(text) {
  const [, n = '', unit = ''] = /^(\d+)\s*([smhdw])$/.exec(text) ?? [];
  const name = UNITS[/** @type {keyof typeof UNITS} */ (unit)];
  return name ? `${n} ${name}${n === '1' ? '' : 's'}` : text;
}
