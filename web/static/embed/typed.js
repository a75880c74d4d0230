// What is typed into the form, whom it answers and what was sent of it: kept in the tab until it is sent, and of the reader's
// name and address what the box allows.

import { forgetReader, inBrowser, inTab, mayRemember } from './kept.js';

/**
 * @import { Content, Sending } from './answers.js'
 * @typedef {{id: string, name: string, words?: string}} Target the comment that is answered, with its first words
 */

/** The fields, with what WordPress calls them. */
const FIELDS = { body: 'comment', name: 'author', email: 'email', url: 'url' };

/** @param {HTMLFormElement} form @param {string} name @returns {HTMLInputElement} which some forms do not have */
const fieldOf = (form, name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

export class Typed {
  #form;
  #page;
  #draft;
  /** @type {Target | null} */
  target;
  /** @type {Sending | null} */
  last;

  /**
   * Brings back what was typed, and whom the reader let us remember; what the server put into the form goes before.
   * @param {HTMLFormElement} form @param {string} page @param {string} slot where the draft is kept
   */
  constructor(form, page, slot) {
    this.#form = form;
    this.#page = page;
    this.#draft = `draft:${slot}`;
    const draft = inTab.read(this.#draft) ?? {};
    const me = inBrowser.read('me');
    for (const name of Object.keys(FIELDS)) this.field(name).value ||= draft[name] ?? me?.[name] ?? '';
    this.#heed();
    const [id, key] = [this.value('parent'), this.value('idempotency_key')];
    this.target = id ? { id, name: '' } : draft.target ?? null;
    this.last = key ? { key, content: null } : draft.last ?? null;
  }

  /** @param {string} name */
  field(name) {
    return fieldOf(this.#form, name);
  }

  /** @param {string} name @returns {string} */
  value(name) {
    return this.field(name)?.value ?? '';
  }

  /** By field. @returns {Record<string, string>} */
  values() {
    return Object.fromEntries(Object.keys(FIELDS).map((name) => [name, this.value(name)]));
  }

  keep() {
    inTab.keep(this.#draft, { ...this.values(), target: this.target, last: this.last });
  }

  /** Goes on in another form. @param {HTMLFormElement} form */
  moveTo(form) {
    const before = this.#form;
    this.#form = form;
    this.#heed();
    this.takeOver(before);
  }

  /** Who unticks the box is forgotten at once, by all but this tab. */
  #heed() {
    const box = this.#box;
    if (!box) return;
    box.checked = mayRemember();
    box.addEventListener('change', () => {
      if (box.checked) return;
      inTab.keep('author', this.#author);
      forgetReader();
    });
  }

  get #author() {
    return inTab.read('author') ?? inBrowser.read('me')?.author_token ?? null;
  }

  /** Of another form, which stood here before; the caret comes along. @param {HTMLFormElement} light @param {boolean} [isElsewhere] its words are for another page */
  takeOver(light, isElsewhere) {
    for (const [name, other] of Object.entries(FIELDS)) {
      const from = fieldOf(light, name) ?? fieldOf(light, other);
      const to = this.field(name);
      if (!isElsewhere || name !== 'body') to.value = from?.value || to.value;
      if (!from?.matches(':focus')) continue;
      to.focus({ preventScroll: true });
      // A field for an address of mail knows no caret.
      if (from.selectionStart !== null) to.setSelectionRange(from.selectionStart, from.selectionEnd);
    }
    const box = fieldOf(light, 'remember');
    if (box && this.#box) this.#box.checked = box.checked;
    const id = fieldOf(light, 'parent')?.value;
    if (id) this.target = { id, name: light.querySelector('#rd-replying-name bdi')?.textContent ?? '' };
    this.keep();
  }

  /** A comment as it goes out; what was left empty is null. @param {string} title of the article @returns {Content} */
  content(title) {
    const { body = '', name = '', email, url } = this.values();
    return {
      page: this.#page,
      title: title || null,
      name,
      email: email || null,
      url: url || null,
      body,
      parent: this.target && this.target.id,
      contact_ref: this.value('contact_ref') || null,
      author_token: this.#author,
    };
  }

  /** It has arrived: the text goes, unless more was typed meanwhile. @param {Content} sent @param {string} author_token */
  arrived({ body, name, email, url }, author_token) {
    inTab.keep('author', author_token);
    if (this.#box?.checked) inBrowser.keep('me', { name, email, url, author_token });
    this.last = null;
    if (this.value('body') === body) this.field('body').value = '';
    if (this.value('body')) this.keep();
    else inTab.keep(this.#draft, null);
  }

  /** Lets the browser keep more than the tab does. Our own pages have none. */
  get #box() {
    return this.field('remember');
  }
}
