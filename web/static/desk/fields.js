// The fields of a form under a comment. What is typed is kept with the comment until it is sent or thrown away, also
// while others are looked at, and stays where the words under it become others. Knows nothing of sending.

import { guard } from './api.js';
import { fill, freshId, h } from './dom.js';

/** @import { Child } from './dom.js' */
/** @typedef {Record<string, string>} Draft */
/** @typedef {{label: string, value: string, tall?: boolean, type?: string, optional?: boolean}} Field */
/** @typedef {{field: string, label: string, control: HTMLInputElement | HTMLTextAreaElement, element: HTMLElement, start: string}} Control `start`: what it holds where nothing is typed */

/** By what it is and for which comment; only what was typed, and what all the fields held before. @type {Map<string, {typed: Draft, over: Draft}>} */
const drafts = new Map();
guard(() => drafts.size > 0);

export class Fields {
  #name;
  #who;
  #controls;
  /** What somebody else changed. */
  news = h('div', { class: 'notice note', role: 'status', hidden: true });

  /** @param {string} name what the form is and for which comment @param {Record<string, Field>} fields @param {() => string} [who] changed the words last */
  constructor(name, fields, who = () => 'Somebody') {
    this.#name = name;
    this.#who = who;
    const all = Object.entries(fields);
    this.#controls = all.map(([field, options]) => controlOf(field, options, all.length === 1));
    const kept = drafts.get(name);
    const values = Object.fromEntries(all.map(([field, { value }]) => [field, value]));
    for (const one of this.#controls) place(one, kept?.over[one.field] ?? values[one.field] ?? '', {});
    this.#place(values, kept?.typed ?? {});
  }

  get elements() {
    return this.#controls.map(({ element }) => element);
  }

  /** What was typed, and nothing of what stood there before. @returns {Draft} */
  typed() {
    const changed = this.#controls.filter(({ control, start }) => control.value !== start);
    return Object.fromEntries(changed.map(({ field, control }) => [field, control.value]));
  }

  keep() {
    const over = Object.fromEntries(this.#controls.map(({ field, start }) => [field, start]));
    if (Object.keys(this.typed()).length > 0) drafts.set(this.#name, { typed: this.typed(), over });
    else this.forget();
  }

  forget() {
    drafts.delete(this.#name);
  }

  /** Other words stand there now; true where they are news. @param {Draft} now */
  follow(now) {
    const isNews = this.#place(now, this.typed());
    this.keep();
    return isNews;
  }

  clear() {
    for (const { control } of this.#controls) control.removeAttribute('aria-invalid');
  }

  /** @param {readonly string[]} fields those at fault */
  mark(fields) {
    for (const { field, control } of this.#controls) if (fields.includes(field)) control.setAttribute('aria-invalid', 'true');
  }

  /** @param {Draft} now @param {Draft} mine what was typed, which stays */
  #place(now, mine) {
    const moved = this.#controls.filter((one) => place(one, now[one.field] ?? '', mine));
    this.news.hidden = moved.length === 0;
    fill(this.news, moved.length > 0 && told(this.#who(), moved));
    return moved.length > 0;
  }
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
