// Forms under the open comment: a reply of the newsroom, a change of what was written. What is typed is kept with the
// comment until it is sent or thrown away, also while others are looked at.

import { guard, inWords, Problem, randomKey } from './api.js';
import { fill, freshId, h } from './dom.js';

/** @import { Child } from './dom.js' */
/** @import { Context, Detail, Item } from './types.js' */
/** @typedef {(item: Item | null) => void} Done */
/** @typedef {Record<string, string>} Draft */
/** @typedef {{label: string, value: string, tall?: boolean, type?: string, optional?: boolean}} Field */
/** @typedef {{field: string, label: string, control: HTMLInputElement | HTMLTextAreaElement, element: HTMLElement, start: string}} Control `start`: what it holds where nothing is typed */

/** By what it is and for which comment; only what was typed, and what all the fields held before. @type {Map<string, {typed: Draft, over: Draft}>} */
const drafts = new Map();
guard(() => drafts.size > 0);

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
 * @param {{name: string, title: string, label: string, note: string, done: Done,
 *   fields: Record<string, Field>,
 *   send: (typed: Draft) => Promise<Item | null>, anew?: () => Promise<Draft>, who?: () => string}} options
 */
function form({ name, title, label, note, done, fields, send, anew, who }) {
  const kept = drafts.get(name);
  const news = h('div', { class: 'notice note', role: 'status', hidden: true });
  const fault = h('div', { class: 'fault', role: 'alert' });
  const controls = Object.entries(fields).map(([field, options]) => controlOf(field, options, Object.keys(fields).length === 1));
  const typed = () => Object.fromEntries(controls.filter(({ control, start }) => control.value !== start).map(({ field, control }) => [field, control.value]));
  const keep = () => {
    const over = Object.fromEntries(controls.map(({ field, start }) => [field, start]));
    if (Object.keys(typed()).length > 0) drafts.set(name, { typed: typed(), over });
    else drafts.delete(name);
  };
  /** Other words stand there now. @param {Draft} now @param {Draft} mine what was typed, which stays */
  const follow = (now, mine) => {
    const moved = controls.filter((one) => place(one, now[one.field] ?? '', mine));
    news.hidden = moved.length === 0;
    fill(news, moved.length > 0 && told(who?.() ?? 'Somebody', moved));
  };
  const values = Object.fromEntries(Object.entries(fields).map(([field, { value }]) => [field, value]));
  for (const one of controls) place(one, kept?.over[one.field] ?? values[one.field] ?? '', {});
  follow(values, kept?.typed ?? {});
  const button = h('button', { type: 'submit', class: 'button primary' }, label);
  const leave = () => {
    drafts.delete(name);
    done(null);
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    fill(fault);
    for (const { control } of controls) control.removeAttribute('aria-invalid');
    try {
      const item = await send(typed()).catch(async (error) => {
        const now = isConflict(error) && (await anew?.().catch(() => null));
        if (now) {
          follow(now, typed());
          keep();
        }
        // A decision alone stands in the way of no words.
        if (!now || !news.hidden) throw error;
        return send(typed());
      });
      drafts.delete(name);
      done(item);
    } catch (error) {
      fill(fault, said(error, controls));
    } finally {
      button.disabled = false;
    }
  };
  return h(
    'form',
    {
      class: 'stack',
      onsubmit: submit,
      oninput: keep,
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) /** @type {HTMLFormElement} */ (event.currentTarget).requestSubmit();
      },
    },
    h('h3', null, title),
    news,
    controls.map(({ element }) => element),
    h('p', { class: 'note' }, note),
    fault,
    h('p', { class: 'buttons' }, button, h('button', { type: 'button', class: 'button', onclick: leave }, 'Cancel')),
  );
}

/** @param {string} field @param {Field} options @param {boolean} isAlone the title says what it is for @returns {Control} */
function controlOf(field, { label, tall, type = 'text', optional }, isAlone) {
  const id = freshId(field);
  const props = { id, name: field, class: 'input', required: !optional, dir: 'auto' };
  const control = tall ? h('textarea', props) : h('input', { ...props, type });
  return { field, label, control, start: '', element: h('div', { class: 'field' }, h('label', { for: id, class: tall && isAlone ? 'unseen' : null }, label), control) };
}

/**
 * Lets a field begin with these words; what was typed there stays. True where they are others than before. A field
 * takes no more than it can hold, so what it gives back is what counts.
 * @param {Control} one @param {string} now @param {Draft} typed
 */
function place(one, now, typed) {
  const before = one.start;
  one.control.value = now;
  one.start = one.control.value;
  one.control.value = typed[one.field] ?? one.start;
  return one.start !== before;
}

/** @param {string} who @param {readonly Control[]} moved @returns {Child} */
function told(who, moved) {
  const met = moved.filter(({ control, start }) => control.value !== start);
  return [
    h('p', null, `${who} changed it meanwhile. What you typed is kept${met.length > 0 ? '; saved, it takes the place of this:' : '.'}`),
    met.length > 0 && h('ul', { class: 'quotes' }, met.map(({ label, start }) => h('li', null, `${label}: `, start ? h('bdi', null, start) : 'nothing'))),
  ];
}

/** @param {unknown} error */
const isConflict = (error) => error instanceof Problem && error.code === 'version_conflict';

/** The refusal beside its fields. @param {unknown} error @param {readonly {field: string, control: HTMLElement}[]} controls @returns {Child} */
function said(error, controls) {
  if (!(error instanceof Problem)) return h('p', null, inWords(error));
  for (const { field } of error.errors) controls.find((one) => one.field === field)?.control.setAttribute('aria-invalid', 'true');
  if (error.code === 'version_conflict') return h('p', null, `${error.message} What you typed is still here.`);
  return h('p', null, error.told);
}
