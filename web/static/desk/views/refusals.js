// When a reader calls: what became of a comment that the captcha refused, by the reference that the reader was given.
// It holds nothing of the reader; the comment was not kept.

import { away, h, time } from '../dom.js';
import { list as signalList } from '../evidence.js';
import { address } from '../routes.js';
import { moment, percent } from '../words.js';
import { Listing } from './listing.js';
import { sheet } from './sheet.js';
import { pathOf, PROVIDERS } from './terms.js';

/** @import { Child } from '../dom.js' */
/** @import { Context, Route, Signal, View } from '../types.js' */
/** @typedef {{id: string, reference: string, site: string, page: string, reason: string, provider: string, score: number | null, signals: Signal[], at: string}} Refusal */

/** What to say on the phone. @type {Record<string, [string, string]>} */
const REASONS = {
  score_low: ['The score was too low', 'The check took the reader for a machine. Sending it again from another network or browser often helps; where the form offers it, “Send for review” always does.'],
  missing: ['No token came', 'The browser did not run the check, as without JavaScript, and this site does not let such comments wait.'],
  expired: ['The token was too old, or used before', 'The form was open for long, or sent twice. Loading the page anew and sending it again helps.'],
  invalid: ['The token did not hold', 'It was forged, or made for another page or site. Loading the page anew and sending it again helps an honest reader.'],
};

/** @param {Context} ctx @returns {Promise<View>} */
export async function view(ctx) {
  /** @type {Listing<Refusal>} */
  const list = new Listing({
    label: 'Refusals',
    fetch: (cursor) => ctx.api.get('/moderation/refusals', { reference: asReference(ctx.query.reference ?? ''), cursor }),
    key: ({ id }) => id,
    row: (refusal) => row(refusal, ctx, Boolean(ctx.query.reference)),
    empty: () =>
      ctx.query.reference
        ? ['Nothing was refused under ', h('strong', null, asReference(ctx.query.reference)), '. Ask for the letters once more, one by one: 8 and B, 5 and S sound alike. Old refusals are forgotten.']
        : 'The captcha has refused nothing.',
  });
  const box = h('input', { class: 'input reference', type: 'search', name: 'reference', value: ctx.query.reference ?? '', maxlength: 64, placeholder: 'e.g. 7QKM-3XWD', 'aria-label': 'Reference', autocapitalize: 'characters', autocomplete: 'off', spellcheck: 'false' });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    ctx.navigate(address('refusals', null, { reference: asReference(box.value) }));
  };
  const title = h('h2', null);
  const all = h('a', { href: address('refusals') }, 'Show the latest');
  const name = () => {
    title.textContent = ctx.query.reference ? 'Found' : 'The latest';
    all.hidden = !ctx.query.reference;
  };
  const search = h('form', { class: 'look-up', role: 'search', onsubmit: submit }, box, h('button', { type: 'submit', class: 'button primary' }, 'Look up'), all);
  name();
  await list.load();
  return {
    element: sheet({ title: 'Captcha refusals', lead: 'A reader whom the captcha refused was given a reference. Type it, and see why.' }, search, h('section', { class: 'chapter' }, title, list.element)),
    title: 'Captcha refusals',
    shown: () => void (ctx.query.reference || box.focus()),
    update: ({ query }) => follow(ctx, query, box, () => {
      name();
      void list.load();
    }),
  };
}

/** @param {Context} ctx @param {Route['query']} query @param {HTMLInputElement} box @param {() => void} load */
function follow(ctx, query, box, load) {
  ctx.query = query;
  box.value = query.reference ?? '';
  load();
  return true;
}

/** As references are written, however it was typed. @param {string} typed */
export function asReference(typed) {
  const letters = typed.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return letters.length === 8 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : typed.trim().toUpperCase();
}

/** @param {Refusal} refusal @param {Context} ctx @param {boolean} isWhole */
function row({ reference, site, page, reason, provider, score, signals, at }, ctx, isWhole) {
  const [told, advice] = REASONS[reason] ?? [reason, ''];
  return h(
    'div',
    { class: 'entry-main' },
    h('p', { class: 'entry-head' }, isWhole ? h('span', { class: 'value code' }, reference) : h('a', { class: 'value code', href: address('refusals', null, { reference }) }, reference), h('span', null, told), score !== null && h('span', { class: 'soft' }, `${percent(score)} human`)),
    h('p', { class: 'entry-meta' }, isWhole ? moment(at) : time(at), ' · ', away(page, pathOf(page)), ctx.sites.length > 1 && ` · ${site}`, isWhole && ` · ${PROVIDERS[provider] ?? provider}`),
    isWhole && advice && h('p', null, advice),
    isWhole && seen(signals),
  );
}

/** @param {readonly Signal[]} signals @returns {Child} */
function seen(signals) {
  if (signals.length === 0) return null;
  return h('div', { class: 'chapter' }, h('h3', null, 'What the captcha saw'), signalList(signals));
}
