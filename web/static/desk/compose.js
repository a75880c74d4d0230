// Forms under the open comment: a reply of the newsroom, a change of what was written. They say what is sent and how;
// fields.js keeps what is typed.

import { inWords, Problem, randomKey } from './api.js';
import { fill, h } from './dom.js';
import { Fields } from './fields.js';

/** @import { Child } from './dom.js' */
/** @import { Draft, Field } from './fields.js' */
/** @import { Context, Detail, Item } from './types.js' */
/** @typedef {(item: Item | null) => void} Done */

/** @param {Context} ctx @param {Item} item @param {Done} done */
export function replyForm(ctx, item, done) {
  const isShown = item.status === 'approved';
  // One key a reply: sent again after a lost answer it is the same one.
  const key = randomKey();
  const note = isShown ? 'It is published at once, as the newsroom’s.' : 'Only a published comment can be answered, so this one is published first.';
  return form({
    name: `reply ${item.id}`,
    title: `Reply to ${item.name}`,
    label: isShown ? 'Reply' : 'Publish and reply',
    fields: { body: { label: 'Reply', value: '', tall: true } },
    note,
    send: async ({ body }) => {
      await ctx.decider.settled(item.id);
      if (!isShown) {
        const { version } = await ctx.api.post(`/moderation/comments/${item.id}/decision`, { action: 'approve', version: ctx.decider.newest(item) });
        ctx.decider.know(item.id, version);
      }
      await ctx.api.create(`/moderation/comments/${item.id}/reply`, { body }, { key });
      if (!isShown) ctx.decider.apply([item.id], 'approved');
      ctx.live.recount();
      ctx.toast(`Your reply to ${item.name} is published.`);
      return null;
    },
    done,
  });
}

/** @param {Context} ctx @param {Item} item @param {Done} done */
export function editForm(ctx, item, done) {
  let standing = item;
  return form({
    name: `edit ${item.id}`,
    title: 'Edit',
    label: 'Save',
    fields: {
      body: { label: 'Text', value: item.body, tall: true },
      name: { label: 'Name', value: item.name },
      url: { label: 'Website', value: item.url ?? '', type: 'url', optional: true },
    },
    note: 'Readers see that it was edited. The author’s own words stay beside yours; status and score stay too.',
    who: () => editor(standing, ctx.session.username),
    anew: async () => {
      standing = await ctx.api.get(`/moderation/comments/${item.id}`);
      return { body: standing.body, name: standing.name, url: standing.url ?? '' };
    },
    send: async (typed) => {
      if (Object.keys(typed).length === 0) return null;
      await ctx.decider.settled(item.id);
      // An empty address takes the one there was away.
      const saved = await ctx.api.patch(`/moderation/comments/${item.id}`, { ...typed, version: standing.version });
      ctx.decider.know(item.id, saved.version);
      ctx.toast(`Saved: ${saved.name}`);
      return saved;
    },
    done,
  });
}

/** Who changed the words last, as far as it is told here. @param {Item | Detail} item @param {string} me */
function editor(item, me) {
  const who = 'history' in item ? item.history.findLast(({ action }) => action === 'comment.revise' || action === 'comment.edit')?.who : null;
  return who === me ? 'You' : who === 'author' ? 'The author' : (who ?? 'Somebody');
}

/**
 * `send` is given what was typed, `anew` asks for what the fields would hold by now, `who` changed that last.
 * @typedef {{name: string, title: string, label: string, note: string, done: Done, fields: Record<string, Field>,
 *   send: (typed: Draft) => Promise<Item | null>, anew?: () => Promise<Draft>, who?: () => string}} Order
 */

/** @param {Order} order */
function form(order) {
  const { name, title, label, note, done } = order;
  const fields = new Fields(name, order.fields, order.who);
  const fault = h('div', { class: 'fault', role: 'alert' });
  const button = h('button', { type: 'submit', class: 'button primary' }, label);
  const leave = () => {
    fields.forget();
    done(null);
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    fill(fault);
    fields.clear();
    try {
      const item = await sent(order, fields);
      fields.forget();
      done(item);
    } catch (error) {
      fill(fault, said(error, fields));
    } finally {
      button.disabled = false;
    }
  };
  const onkeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) /** @type {HTMLFormElement} */ (event.currentTarget).requestSubmit();
  };
  return h(
    'form',
    { class: 'stack', onsubmit: submit, oninput: () => fields.keep(), onkeydown },
    h('h3', null, title),
    fields.news,
    fields.elements,
    h('p', { class: 'note' }, note),
    fault,
    h('p', { class: 'buttons' }, button, h('button', { type: 'button', class: 'button', onclick: leave }, 'Cancel')),
  );
}

/** Sends; what somebody changed meanwhile is shown first, while a decision alone stands in the way of no words. @param {Order} order @param {Fields} fields */
async function sent({ send, anew }, fields) {
  try {
    return await send(fields.typed());
  } catch (error) {
    const now = isConflict(error) && (await anew?.().catch(() => null));
    if (!now || fields.follow(now)) throw error;
    return send(fields.typed());
  }
}

/** @param {unknown} error */
const isConflict = (error) => error instanceof Problem && error.code === 'version_conflict';

/** The refusal, and which fields it is about. @param {unknown} error @param {Fields} fields @returns {Child} */
function said(error, fields) {
  if (!(error instanceof Problem)) return h('p', null, inWords(error));
  fields.mark(error.errors.map(({ field }) => field));
  if (isConflict(error)) return h('p', null, `${error.message} What you typed is still here.`);
  return h('p', null, error.told);
}
