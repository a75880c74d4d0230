// A ban to set, from a comment or by a value, with what it would have met before it is set.

import { inWords, Problem } from './api.js';
import { dialog } from './dialog.js';
import { fill, freshId, h } from './dom.js';
import { address } from './routes.js';
import { ago, count, plural, STATUS } from './words.js';

/** @import { Child } from './dom.js' */
/** @import { Context, Item, Status } from './types.js' */
/** @typedef {{since: string, addresses_since?: string | null, hits: number, approved: number, waiting: number, examples: {id: string, name: string, page: string, status: Status, created_at: string, excerpt: string}[]}} Preview */
/** @typedef {{kind: string, mode: string, value?: string, from_comment?: string, site?: string | null, expires_at?: string | null, reason?: string | null, apply?: false}} Wish */

export const KINDS = { email: 'Email address', email_domain: 'Everybody of the email’s domain', name: 'Name, and what looks like it', ip: 'Internet address', network: 'Network around the address', link_domain: 'Links to a domain' };
export const MODES = { hold: 'Wait for a person', shadow: 'Go to spam, unseen by the sender', refuse: 'Be refused, and told so' };
/** Keys that are bare numbers would sort themselves. */
const UNTIL = { '1d': 'for a day', '7d': 'for a week', '30d': 'for a month', ever: 'for good' };
/** Typing that pauses so long is looked at. */
const PAUSE_MS = 300;

/**
 * Asks for a ban and sets it; comes true with the ban, null where none was set.
 * @param {Context} ctx @param {{item?: Item}} from the comment whose author it is about
 * @returns {Promise<Record<string, any> | null>}
 */
export function banDialog(ctx, { item }) {
  /** @type {AbortController} */
  let asking = new AbortController();
  let timer = 0;
  const preview = h('div', { class: 'preview', role: 'status' });
  const fault = h('div', { class: 'fault', role: 'alert' });
  const fields = controls(ctx, item);
  const wish = () => wishOf(fields, item);
  const look = async () => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    if (!isComplete(wish())) return fill(preview, h('p', { class: 'soft' }, 'Say whom it meets, and you see here what it would have met.'));
    try {
      const told = await ctx.api.post('/moderation/bans/preview', wish(), { signal });
      if (!signal.aborted) fill(preview, previewed(told));
    } catch (error) {
      if (!signal.aborted) fill(preview, h('p', { class: 'soft' }, error instanceof Problem && [404, 405].includes(error.status) ? 'This cannot be looked at beforehand.' : inWords(error)));
    }
  };
  const made = dialog({
    title: item ? `Ban the author of this comment` : 'Set a ban',
    wide: true,
    keep: () => fields.reason.value !== '' || (!item && fields.value.value !== ''),
    content: (/** @type {(ban: Record<string, any> | null) => void} */ close) => {
      const submit = async (/** @type {Event} */ event) => {
        event.preventDefault();
        fill(fault);
        set.disabled = true;
        try {
          const ban = await ctx.api.create('/moderation/bans', wish());
          ctx.toast(ban.applied > 0 ? `The ban is set. ${plural(ban.applied, 'waiting comment')} dealt with.` : 'The ban is set.');
          ctx.live.recount();
          if (ban.applied > 0) ctx.decider.reload();
          close(ban);
        } catch (error) {
          fill(fault, h('p', null, inWords(error)));
        } finally {
          set.disabled = false;
        }
      };
      const set = h('button', { type: 'submit', class: 'button danger' }, 'Set the ban');
      const form = h('form', { class: 'stack', onsubmit: submit, onchange: look, oninput: () => { clearTimeout(timer); timer = window.setTimeout(look, PAUSE_MS); } }, fields.element, preview, fault, h('p', { class: 'buttons' }, set, h('button', { type: 'button', class: 'button', onclick: () => close(null) }, 'Cancel')));
      return form;
    },
  });
  void look();
  return made.closed.finally(() => asking.abort());
}

/** @param {Context} ctx @param {Item | undefined} item */
function controls(ctx, item) {
  const select = (/** @type {string} */ id, /** @type {Record<string, string>} */ all, /** @type {string} */ chosen) => h('select', { class: 'input', id }, Object.entries(all).map(([value, label]) => h('option', { value, selected: value === chosen }, label)));
  const labelled = (/** @type {string} */ label, /** @type {HTMLElement} */ control, /** @type {Child} */ note) => h('div', { class: 'field' }, h('label', { for: control.id }, label), control, note && h('p', { class: 'note' }, note));
  const able = Object.fromEntries(Object.entries(KINDS).filter(([kind]) => !item || item.email || !kind.startsWith('email')));
  const kind = select(freshId('ban-kind'), able, item?.email ? 'email' : 'name');
  const value = h('input', { class: 'input', id: freshId('ban-value'), required: !item, maxlength: 254, autocapitalize: 'none', spellcheck: 'false' });
  const mode = select(freshId('ban-mode'), MODES, 'hold');
  const sites = [...new Set([...(item ? [item.site] : []), ...ctx.sites])];
  const site = select(freshId('ban-site'), { ...(ctx.isAdmin ? { '': 'All sites' } : {}), ...Object.fromEntries(sites.map((id) => [id, id])) }, item?.site ?? sites[0] ?? '');
  const until = select(freshId('ban-until'), UNTIL, '30d');
  const reason = h('input', { class: 'input', id: freshId('ban-reason'), maxlength: 500 });
  const apply = h('input', { type: 'checkbox', checked: true });
  const valueField = labelled('Whom it meets', value, 'E.g. a name (* stands for anything), an address, a domain.');
  const showValue = () => {
    // Which of a text's links is meant, only the moderator knows; all else is taken from the comment unseen.
    const isGiven = !item || kind.value === 'link_domain';
    valueField.hidden = !isGiven;
    value.required = isGiven;
    if (item && isGiven && value.value === '') value.value = firstHost(item) ?? '';
  };
  kind.addEventListener('change', showValue);
  showValue();
  const element = h('div', { class: 'stack' }, h('div', { class: 'pairs' }, labelled('Goes by', kind, null), labelled('Their comments will', mode, null)), valueField, h('div', { class: 'pairs' }, labelled('Where', site, null), labelled('How long', until, null)), labelled('Reason', reason, 'For your colleagues and the record.'), h('label', { class: 'choice' }, apply, h('span', null, 'Deal with what waits at once, too')));
  return { element, kind, value, mode, site, until, reason, apply };
}

/** @param {ReturnType<typeof controls>} fields @param {Item | undefined} item @returns {Wish} */
function wishOf({ kind, value, mode, site, until, reason, apply }, item) {
  const days = Number.parseInt(until.value, 10) || 0;
  const isGiven = !item || kind.value === 'link_domain';
  return {
    kind: kind.value,
    mode: mode.value,
    ...(isGiven ? { value: value.value.trim() } : { from_comment: item.id }),
    site: site.value || null,
    expires_at: days > 0 ? new Date(Math.ceil((Date.now() + days * 86_400_000) / 60_000) * 60_000).toISOString() : null,
    reason: reason.value.trim() || null,
    ...(apply.checked ? {} : { apply: false }),
  };
}

/** @param {Wish} wish */
const isComplete = ({ value, from_comment: from }) => Boolean(value || from);

/** @param {Item} item */
function firstHost({ body, url }) {
  const address = /https?:\/\/([^\s/:?#"<>]+)/i.exec(`${body} ${url ?? ''}`)?.[1];
  return address?.toLowerCase().replace(/^www\./, '') ?? null;
}

/** @param {Preview} preview @returns {Child} */
function previewed({ since, addresses_since: kept, hits, approved, waiting, examples }) {
  const bound = kept && kept > since && h('p', { class: 'soft' }, `Addresses are kept since ${ago(kept)} only: what came before cannot be compared.`);
  if (hits === 0) return [h('p', null, `It would have met nobody since ${ago(since)}.`), bound];
  return [
    h('p', null, `Since ${ago(since)} it would have met `, h('strong', null, plural(hits, 'comment')), `, ${count(waiting)} of them still waiting.`),
    bound,
    approved > 0 && h('p', { class: 'notice warn' }, `${plural(approved, 'of them was', 'of them were')} published.`),
    h('ul', { class: 'examples' }, examples.map(({ id, name, page, status, excerpt }) => h('li', null, h('a', { href: address('comment', id), target: '_blank' }, h('bdi', null, name)), h('span', { class: 'soft' }, ` · ${STATUS[status]} · ${page}`), h('br', null), excerpt))),
  ];
}
