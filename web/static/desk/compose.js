// Forms under the open comment: a reply of the newsroom, a change of what was written. What is typed is kept with the
// comment until it is sent or thrown away, also while others are looked at.

import { inWords, Problem, randomKey } from './api.js';
import { fill, freshId, h } from './dom.js';

/** @import { Child } from './dom.js' */
/** @import { Context, Item } from './types.js' */
/** @typedef {(item: Item | null) => void} Done */
/** @typedef {Record<string, string>} Draft */

/** By what it is and for which comment. @type {Map<string, Draft>} */
const drafts = new Map();
addEventListener('beforeunload', (event) => drafts.size > 0 && event.preventDefault());

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
      if (!isShown) {
        const { version } = await ctx.api.post(`/moderation/comments/${item.id}/decision`, { action: 'approve', version: item.version });
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
    send: async ({ body, name, url }) => {
      const now = { body, name, url };
      // An empty address takes the one there was away.
      const changed = Object.fromEntries(Object.entries(now).filter(([field, value]) => value !== (item[/** @type {keyof typeof now} */ (field)] ?? '')));
      if (Object.keys(changed).length === 0) return null;
      const saved = await ctx.api.patch(`/moderation/comments/${item.id}`, { ...changed, version: item.version });
      ctx.decider.know(item.id, saved.version);
      ctx.toast(`Saved: ${saved.name}`);
      return saved;
    },
    done,
  });
}

/**
 * @param {{name: string, title: string, label: string, note: string, done: Done,
 *   fields: Record<string, {label: string, value: string, tall?: boolean, type?: string, optional?: boolean}>,
 *   send: (values: Draft) => Promise<Item | null>}} options
 */
function form({ name, title, label, note, done, fields, send }) {
  const kept = drafts.get(name) ?? {};
  const fault = h('div', { class: 'fault', role: 'alert' });
  const controls = Object.entries(fields).map(([field, { label: told, value, tall, type = 'text', optional }]) => {
    const id = freshId(field);
    const props = { id, name: field, class: 'input', value: kept[field] ?? value, required: !optional, dir: 'auto' };
    const control = tall ? h('textarea', props) : h('input', { ...props, type });
    return { field, control, element: h('div', { class: 'field' }, h('label', { for: id, class: tall && Object.keys(fields).length === 1 ? 'unseen' : null }, told), control) };
  });
  const values = () => Object.fromEntries(controls.map(({ field, control }) => [field, control.value]));
  const isChanged = () => controls.some(({ field, control }) => control.value !== fields[field]?.value);
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
      const item = await send(values());
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
      oninput: () => (isChanged() ? drafts.set(name, values()) : drafts.delete(name)),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) /** @type {HTMLFormElement} */ (event.currentTarget).requestSubmit();
      },
    },
    h('h3', null, title),
    controls.map(({ element }) => element),
    h('p', { class: 'note' }, note),
    fault,
    h('p', { class: 'buttons' }, button, h('button', { type: 'button', class: 'button', onclick: leave }, 'Cancel')),
  );
}

/** The refusal beside its fields. @param {unknown} error @param {readonly {field: string, control: HTMLElement}[]} controls @returns {Child} */
function said(error, controls) {
  if (!(error instanceof Problem)) return h('p', null, inWords(error));
  for (const { field } of error.errors) controls.find((one) => one.field === field)?.control.setAttribute('aria-invalid', 'true');
  if (error.code === 'version_conflict') return h('p', null, `${error.message} What you typed is still here.`);
  return h('p', null, error.told);
}
