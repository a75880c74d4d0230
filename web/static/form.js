// Takes over the sending of the comment form. Without it the form posts as it is; with it the
// reader stays on the page, the proof of work is done while they type, and faults appear in place.

import { TEXTS, keyFor, plan, randomKey } from './answers.js';
import { Check } from './challenge.js';
import { Draft, authorToken } from './draft.js';
import { Messages } from './messages.js';
import { Pace } from './signals.js';
import { hasThread, showSent } from './thread.js';

/** @import { Plan } from './answers.js' */

const SLOW_MS = 8000;
const ANSWER_WITHIN_MS = 30_000;

class CommentForm {
  #form;
  #messages;
  #check;
  #draft;
  #pace = new Pace(performance.now());
  #last;
  #isBusy = false;
  /** @type {HTMLElement | null} */
  #repliedFrom = null;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
    this.#messages = new Messages(form);
    this.#check = new Check({
      api: this.#api,
      page: this.#value('page'),
      isWanted: () => !document.hidden && this.#value('body').trim() !== '',
      onUnable: () => this.#messages.standing(TEXTS.unable),
    });
    this.#draft = new Draft(this.#value('page'));
    this.#last = { key: this.#value('idempotency_key'), content: /** @type {string | null} */ (null) };
  }

  start() {
    this.#restore();
    this.#listen();
    this.#watch();
  }

  get #api() {
    return this.#form.dataset.api ?? '/api';
  }

  /** @param {string} name */
  #field(name) {
    const field = this.#form.elements.namedItem(name);
    return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? field : null;
  }

  /** @param {string} name */
  #value(name) {
    return this.#field(name)?.value ?? '';
  }

  #listen() {
    const form = this.#form;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const by = /** @type {SubmitEvent} */ (event).submitter;
      void this.#send(by instanceof HTMLButtonElement && by.name === 'review');
    });
    form.addEventListener('focusin', () => void this.#check.prepare());
    form.addEventListener('input', () => {
      void this.#check.prepare();
      this.#draft.keep(this.#values());
    });
    this.#field('body')?.addEventListener('keydown', (event) => {
      const { key, ctrlKey, metaKey } = /** @type {KeyboardEvent} */ (event);
      if (key === 'Enter' && (ctrlKey || metaKey)) form.requestSubmit();
    });
    document.addEventListener('visibilitychange', () => this.#check.wake());
    addEventListener('pageshow', () => this.#check.wake());
    document.addEventListener('click', (event) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (link?.dataset.reply) {
        event.preventDefault();
        this.#replyTo(link.dataset.reply, link.dataset.name ?? '', link);
      } else if (link?.id === 'rd-cancel-reply') {
        event.preventDefault();
        this.#cancelReply();
      }
    });
  }

  /** Counts how the form is used; see signals.js for what does not leave the page. */
  #watch() {
    const saw = (/** @type {'key' | 'move' | 'paste' | 'other'} */ what) => () => this.#pace.saw(what, performance.now());
    this.#form.addEventListener('keydown', saw('key'));
    this.#form.addEventListener('paste', saw('paste'));
    for (const other of ['focusin', 'input']) this.#form.addEventListener(other, saw('other'));
    for (const move of ['pointermove', 'pointerdown', 'touchstart']) {
      this.#form.addEventListener(move, saw('move'), { passive: true });
    }
  }

  #values() {
    return Object.fromEntries(['body', 'name', 'email', 'url', 'parent'].map((name) => [name, this.#value(name)]));
  }

  /** Brings back what was typed; what the server put into the form goes before. */
  #restore() {
    if (new URLSearchParams(location.search).get('replydesk') === 'pending') this.#draft.forget();
    const { parent, ...kept } = this.#draft.read();
    for (const [name, text] of Object.entries(kept)) {
      const field = this.#field(name);
      if (field && !field.value) field.value = text;
    }
    const link = parent ? document.querySelector(`a[data-reply="${CSS.escape(parent)}"]`) : null;
    if (link instanceof HTMLElement && !this.#value('parent')) this.#setReply(parent, link.dataset.name ?? '');
  }

  /** @param {string} id @param {string} name @param {HTMLElement} from */
  #replyTo(id, name, from) {
    this.#repliedFrom = from;
    this.#setReply(id, name);
    document.getElementById('reply-form')?.scrollIntoView();
    this.#field('body')?.focus({ preventScroll: true });
  }

  #cancelReply() {
    this.#setReply('', '');
    if (new URLSearchParams(location.search).has('reply')) history.replaceState(null, '', location.pathname);
    (this.#repliedFrom ?? this.#field('body'))?.focus();
    this.#repliedFrom = null;
  }

  /** @param {string} id @param {string} name */
  #setReply(id, name) {
    const parent = this.#field('parent');
    if (parent) parent.value = id;
    this.#messages.replyingTo(id ? name || 'a comment' : null);
    this.#draft.keep(this.#values());
  }

  /** @param {boolean} isForReview */
  async #send(isForReview) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#messages.clear();
    this.#messages.busy(true);
    try {
      this.#show(await this.#attempt(isForReview));
    } finally {
      this.#isBusy = false;
      this.#messages.busy(false);
    }
  }

  /** Sends, and once more by itself where a fresh token or key mends it. @param {boolean} isForReview */
  async #attempt(isForReview) {
    for (let mayRepeat = true; ; mayRepeat = false) {
      const waiting = mayRepeat ? TEXTS.checking : TEXTS.renewing;
      const token = isForReview || this.#lacksSomething() ? null : await this.#token(waiting);
      this.#messages.status(TEXTS.sending);
      const next = plan(await this.#post(token), mayRepeat);
      if (next.kind === 'again' && next.newKey) this.#last = { key: '', content: null };
      if (next.kind !== 'faults' && next.kind !== 'stopped') this.#check.drop();
      if (next.kind === 'stopped' && token !== null && next.reference !== null) this.#check.drop();
      if (next.kind !== 'again') return next;
    }
  }

  /** The server looks at the fields before the token, so a form with a gap need not wait for one. */
  #lacksSomething() {
    return [...this.#form.elements].some(
      (field) => 'required' in field && field.required && 'value' in field && String(field.value).trim() === '',
    );
  }

  /** Waits for the token; where that takes long, the person may go on without. @param {string} waiting @returns {Promise<string | null>} */
  async #token(waiting) {
    this.#messages.status(waiting);
    const given = this.#value('captcha');
    const token = this.#check.token().then((made) => made ?? (given || null));
    let timer = 0;
    const skip = new Promise((skipped) => {
      timer = setTimeout(() => this.#messages.offer(TEXTS.slow, TEXTS.review, () => skipped(null)), SLOW_MS);
    });
    const first = await Promise.race([token, skip]);
    clearTimeout(timer);
    this.#messages.clear();
    return /** @type {string | null} */ (first);
  }

  /** @param {string | null} captcha @returns {Promise<import('./answers.js').Answer>} */
  async #post(captcha) {
    const content = this.#content();
    this.#last = keyFor(this.#last, JSON.stringify(content), randomKey);
    const signals = this.#pace.summary(performance.now());
    try {
      const answer = await fetch(`${this.#api}/comments`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': this.#last.key },
        body: JSON.stringify({ ...content, captcha, signals }),
        credentials: 'omit',
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const body = await answer.json().catch(() => null);
      return { status: answer.status, body, retryAfter: answer.headers.get('Retry-After') };
    } catch {
      return { status: 0, body: null, retryAfter: null };
    }
  }

  /** The fields as they go out; what was left empty is null. */
  #content() {
    const filled = (/** @type {string} */ name) => this.#value(name) || null;
    return {
      page: this.#value('page'),
      title: filled('title'),
      name: this.#value('name'),
      email: filled('email'),
      url: filled('url'),
      body: this.#value('body'),
      parent: filled('parent'),
      contact_ref: filled('contact_ref'),
      author_token: authorToken.read(),
    };
  }

  /** @param {Plan} next */
  #show(next) {
    if (next.kind === 'done') return this.#done(next);
    this.#messages.status('');
    if (next.kind === 'faults') return this.#messages.faults(next);
    if (next.kind === 'stopped') {
      this.#messages.stopped(next, () => void this.#send(false), () => void this.#send(true));
    }
  }

  /** @param {Extract<Plan, {kind: 'done'}>} done */
  #done({ published, id, message, authorToken: token }) {
    const { body, name, url, parent } = this.#values();
    this.#draft.forget();
    this.#last = { key: '', content: null };
    this.#pace = new Pace(performance.now());
    if (token) authorToken.keep(token);
    if (!hasThread()) return this.#messages.finished(message);
    const shown = showSent({ id, name, url, body, parent, published }, message);
    const field = this.#field('body');
    if (field) field.value = '';
    this.#setReply('', '');
    this.#draft.forget();
    this.#messages.status(message);
    shown.focus();
  }
}

const form = document.getElementById('comment-form');
if (form instanceof HTMLFormElement) new CommentForm(form).start();
