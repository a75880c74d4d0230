// Takes over the sending of a comment form, in any root: the check is done while somebody types, faults appear in place,
// nothing that was typed is lost, and a comment whose answer was lost is not stored twice.

import { fire, h } from './dom.js';
import { Help } from './help.js';
import { Messages } from './messages.js';
import { PLACES } from './places.js';
import { Typed } from './typed.js';

/**
 * @import { Content } from './answers.js'
 * @import { Api } from './api.js'
 * @import { Texts } from './texts.js'
 * @import { Target } from './typed.js'
 */

/**
 * @typedef {Pick<Content, 'parent' | 'name' | 'url' | 'body'> & {id: string, status: 'pending' | 'approved', message: string,
 *   edit_token: string, edit_until: string, created_at: string}} Sent
 * @typedef {ReturnType<typeof import('./later.js').sending>} Means what is needed once somebody sends
 * @typedef {object} Order
 * @property {Element} host tells the page what happens
 * @property {HTMLFormElement} form built here or written by the server
 * @property {Texts} texts
 * @property {Api} api
 * @property {string} page
 * @property {string} title of the article
 * @property {string} [slot] where the draft is kept; else by page
 * @property {{sent?: (comment: Sent) => void}} [on]
 */

const SLOW_MS = 8000;
/** Of a comment that is answered; how many of them are seen, the style says. */
const MOST_WORDS = 300;

export class CommentForm {
  #typed;
  #messages;
  #help;
  isBusy = false;

  /** @param {Order} order */
  constructor(order) {
    const { form, texts, api, page } = order;
    const typed = new Typed(form, page, order.slot ?? page);
    this.order = order;
    this.#messages = new Messages(form, texts);
    this.#typed = typed;
    this.#help = new Help({
      api: new URL('api', api.home).href,
      page,
      isWanted: () => !document.hidden && typed.value('body').trim() !== '',
      onUnable: () => this.#messages.status((this.#messages.standing = this.#messages.say('unable'))),
    });
    if (typed.target?.name) this.#messages.replyingTo(typed.target);
    this.#listen(form);
  }

  /**
   * Goes on with what was typed into another form, which stood here before.
   * @param {HTMLFormElement} light @param {CommentForm | null} [other] whose form that is, for another page or server; its words
   *   come along unless they are being sent, or there are some here
   */
  takeOver(light, other) {
    this.#typed.takeOver(light, !!other && (other.isBusy || this.#typed.value('body') !== ''));
    this.#messages.replyingTo(this.#typed.target);
  }

  /** Goes on in another form, in its words; what is being sent is. @param {Pick<Order, 'form' | 'texts' | 'api'>} now */
  moveTo(now) {
    const { form, texts } = now;
    const before = this.order.form;
    Object.assign(this.order, now);
    before.after(form);
    this.#messages = new Messages(form, texts);
    this.#typed.moveTo(form);
    before.remove();
    this.#messages.replyingTo(this.#typed.target);
    this.#listen(form);
    this.#messages.busy(this.isBusy);
    if (this.isBusy) this.#messages.status(this.#messages.say('sending'));
  }

  /** @param {Target} target @param {HTMLElement} from the button in it */
  replyTo({ id, name }, from) {
    this.#answer({ id, name, words: /** @type {HTMLElement | null | undefined} */ (from.closest('article')?.querySelector('.words'))?.innerText.slice(0, MOST_WORDS) });
    this.#typed.field('body').focus();
  }

  /** The page takes no more comments. Words that wait to be sent stay where they can be copied. */
  close() {
    const messages = this.#messages;
    if (this.isBusy || this.#typed.value('body')) messages.notice(messages.say('closed'));
    else messages.closed();
  }

  /** The form is no longer on the page; it may come back. What is being sent is. */
  stop() {
    if (!this.isBusy) this.#help.stop();
  }

  /** @param {HTMLFormElement} form */
  #listen(form) {
    this.#help.watch(form);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send(/** @type {HTMLButtonElement | null} */ (event.submitter)?.name === 'review');
    });
    form.addEventListener('input', () => this.#typed.keep());
    this.#typed.field('body').addEventListener('keydown', ({ key, ctrlKey, metaKey }) => {
      if (key === 'Enter' && (ctrlKey || metaKey)) void this.#send(false);
    });
    form.querySelector('#rd-cancel-reply')?.addEventListener('click', (event) => {
      event.preventDefault();
      const { target } = this.#typed;
      this.#answer(null);
      // The comment may have been drawn anew since.
      const root = /** @type {ShadowRoot} */ (form.getRootNode());
      const button = /** @type {HTMLElement | null} */ (root.querySelector(`#comment-${CSS.escape(String(target?.id))} [data-act=reply]`));
      (button ?? this.#typed.field('body')).focus();
    });
  }

  /** @param {Target | null} target */
  #answer(target) {
    this.#typed.target = target;
    this.#typed.keep();
    this.#messages.replyingTo(target);
  }

  /** @param {boolean} isForReview */
  async #send(isForReview) {
    if (this.isBusy || !fire(this.order.host, 'submit', {}, true)) return;
    this.isBusy = true;
    this.#messages.clear();
    this.#messages.busy(true);
    try {
      const means = await import(PLACES.later).then((more) => /** @type {Means} */ (more.sending())).catch(() => null);
      if (means) return await this.#attempt(means, isForReview, true);
      this.#messages.notice(this.#messages.say('offline'), this.#messages.offer('retry', () => void this.#send(isForReview)));
      fire(this.order.host, 'error', { code: 'offline', status: 0 });
    } finally {
      this.isBusy = false;
      this.#messages.busy(false);
      if (!this.order.form.isConnected) this.#help.stop();
    }
  }

  /** Sends, and once more by itself where that may mend it. @param {Means} means @param {boolean} isForReview @param {boolean} mayRepeat @returns {Promise<void>} */
  async #attempt(means, isForReview, mayRepeat) {
    const { form } = this.order;
    const typed = this.#typed;
    // The server looks at the fields before the token, so a form with a gap need not wait for one.
    const hasGap = [...form.elements].some((field) => /** @type {HTMLInputElement} */ (field).validity?.valueMissing);
    const captcha = isForReview || hasGap ? null : await this.#token(mayRepeat ? 'checking' : 'renewing');
    const { title, api } = this.order;
    this.#messages.status(this.#messages.say('sending'));
    const { key, content } = (typed.last = means.sendingOf(typed.last, typed.content(title), means.randomKey));
    typed.keep();
    const answer = await api.post('api/comments', { ...content, captcha, signals: this.#help.signals() }, { 'Idempotency-Key': key });
    const plan = means.planFor(answer, mayRepeat);
    if (/^captcha/.test(answer.body?.code)) this.#help.drop();
    if (plan.kind === 'again') {
      if (plan.newKey) typed.last = null;
      return this.#attempt(means, isForReview, false);
    }
    this.#messages.status('');
    if (plan.kind === 'done') return this.#done(plan.body, content);
    means.refuse(this.#messages, h, plan, (offer) => {
      if (offer === 'alone') this.#answer(null);
      void this.#send(offer === 'review');
    });
    fire(this.order.host, 'error', { code: plan.code, status: answer.status });
  }

  /** Waits for the token; where that takes long, the person may go on without. @param {string} waiting @returns {Promise<string | null>} */
  async #token(waiting) {
    this.#messages.status(this.#messages.say(waiting));
    let timer = 0;
    const skipped = new Promise((skip) => {
      timer = setTimeout(() => this.#messages.slow(() => skip(null)), SLOW_MS);
    });
    const token = await Promise.race([this.#help.token(), skipped]);
    clearTimeout(timer);
    this.#messages.clear();
    return token || this.#typed.value('captcha') || null;
  }

  /** @param {any} answer @param {Content} content */
  #done({ id, status, message, edit_token, edit_until, author_token }, content) {
    const { host, on } = this.order;
    const { parent, name, url, body } = content;
    if (this.#typed.target?.id === parent) this.#answer(null);
    this.#typed.arrived(content, author_token);
    this.#help.renew();
    this.#messages.status(message);
    fire(host, 'submitted', { id, status });
    on?.sent?.({ id, parent, name, url, body, status, message, edit_token, edit_until, created_at: new Date().toISOString() });
  }
}
