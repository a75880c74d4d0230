// Takes over the sending of a comment form, in any root: the check is done while somebody types, faults appear in place,
// nothing that was typed is lost, and a comment whose answer was lost is not stored twice.

import { planFor, randomKey, sendingOf } from './answers.js';
import { fire } from './dom.js';
import { Help } from './help.js';
import { Messages } from './messages.js';
import { Typed } from './typed.js';

/**
 * @import { Content, Plan } from './answers.js'
 * @import { Api } from './api.js'
 * @import { Texts } from './texts.js'
 * @import { Target } from './typed.js'
 */

/**
 * @typedef {Pick<Content, 'parent' | 'name' | 'url' | 'body'> & {id: string, status: 'pending' | 'approved', message: string,
 *   edit_token: string, edit_until: string, created_at: string}} Sent
 * @typedef {object} Order
 * @property {Element} host tells the page what happens
 * @property {HTMLFormElement} form built here or written by the server
 * @property {Texts} texts
 * @property {Api} api
 * @property {string} page
 * @property {string} title of the article
 * @property {{sent?: (comment: Sent) => void, replyingEnded?: () => void}} [on]
 */

const SLOW_MS = 8000;

export class CommentForm {
  #order;
  #typed;
  #messages;
  #help;
  #isBusy = false;
  /** @type {HTMLElement | null} */
  #repliedFrom = null;

  /** @param {Order} order */
  constructor(order) {
    const { form, texts, api, page } = order;
    const messages = new Messages(form, texts);
    const typed = new Typed(form, page);
    this.#order = order;
    this.#messages = messages;
    this.#typed = typed;
    this.#help = new Help(form, {
      api: new URL('api', api.home).href,
      page,
      isWanted: () => !document.hidden && typed.value('body').trim() !== '',
      onUnable: () => messages.status((messages.standing = messages.say('unable'))),
    });
    if (typed.target?.name) messages.replyingTo(typed.target);
    this.#listen(form);
  }

  /** Goes on with what was typed into another form, which stood here before. @param {HTMLFormElement} light */
  takeOver(light) {
    this.#typed.takeOver(light);
    this.#messages.replyingTo(this.#typed.target);
  }

  /** @param {Target} target @param {HTMLElement} from what the focus comes back to */
  replyTo({ id, name }, from) {
    this.#answer({ id, name });
    this.#repliedFrom = from;
    this.#typed.field('body').focus();
  }

  /** The page takes no more comments. Words that wait to be sent stay where they can be copied. */
  close() {
    const messages = this.#messages;
    if (this.#typed.value('body')) messages.notice(messages.say('closed'));
    else messages.closed();
  }

  /** The form is no longer on the page. */
  stop() {
    this.#messages.clear();
    this.#help.stop();
  }

  /** @param {HTMLFormElement} form */
  #listen(form) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send(/** @type {HTMLButtonElement | null} */ (event.submitter)?.name === 'review');
    });
    form.addEventListener('input', () => this.#typed.keep());
    this.#typed.field('body').addEventListener('keydown', ({ key, ctrlKey, metaKey }) => {
      if (key === 'Enter' && (ctrlKey || metaKey)) form.requestSubmit();
    });
    form.querySelector('#rd-cancel-reply')?.addEventListener('click', (event) => {
      event.preventDefault();
      const from = this.#repliedFrom;
      this.#answer(null);
      (from?.isConnected ? from : this.#typed.field('body')).focus();
    });
  }

  /** @param {Target | null} target */
  #answer(target) {
    this.#typed.target = target;
    this.#typed.keep();
    this.#messages.replyingTo(target);
    if (!target) this.#order.on?.replyingEnded?.();
  }

  /** @param {boolean} isForReview */
  async #send(isForReview) {
    if (this.#isBusy || !fire(this.#order.host, 'submit', {}, true)) return;
    this.#isBusy = true;
    this.#messages.clear();
    this.#messages.busy(true);
    try {
      await this.#attempt(isForReview, true);
    } finally {
      this.#isBusy = false;
      this.#messages.busy(false);
    }
  }

  /**
   * Sends, and once more by itself where a fresh token or key mends it.
   * @param {boolean} isForReview @param {boolean} mayRepeat @returns {Promise<void>}
   */
  async #attempt(isForReview, mayRepeat) {
    const { form, title, api } = this.#order;
    const typed = this.#typed;
    // The server looks at the fields before the token, so a form with a gap need not wait for one.
    const hasGap = [...form.elements].some((field) => /** @type {HTMLInputElement} */ (field).validity?.valueMissing);
    const captcha = isForReview || hasGap ? null : await this.#token(mayRepeat ? 'checking' : 'renewing');
    this.#messages.status(this.#messages.say('sending'));
    const { key, content } = (typed.last = sendingOf(typed.last, typed.content(title), randomKey));
    typed.keep();
    const answer = await api.post('api/comments', { ...content, captcha, signals: this.#help.signals() }, { 'Idempotency-Key': key });
    const plan = planFor(answer, mayRepeat);
    if (/^captcha/.test(answer.body?.code)) this.#help.drop();
    if (plan.kind !== 'again') return this.#show(plan, content, answer.status);
    if (plan.newKey) typed.last = null;
    return this.#attempt(isForReview, false);
  }

  /** Waits for the token; where that takes long, the person may go on without. @param {string} waiting @returns {Promise<string | null>} */
  async #token(waiting) {
    const messages = this.#messages;
    messages.status(messages.say(waiting));
    let timer = 0;
    const skipped = new Promise((skip) => {
      timer = setTimeout(() => messages.slow(() => skip(null)), SLOW_MS);
    });
    const token = await Promise.race([this.#help.token(), skipped]);
    clearTimeout(timer);
    messages.clear();
    return token || this.#typed.value('captcha') || null;
  }

  /** @param {Exclude<Plan, {kind: 'again'}>} plan @param {Content} content @param {number} status */
  #show(plan, content, status) {
    const { host } = this.#order;
    this.#messages.status('');
    if (plan.kind === 'done') return this.#done(plan.body, content);
    if (plan.kind === 'faults') this.#messages.faults(plan);
    else {
      this.#messages.stopped(plan, () => {
        if (plan.offer === 'alone') this.#answer(null);
        void this.#send(plan.offer === 'review');
      });
    }
    fire(host, 'error', { code: plan.code, status });
  }

  /** @param {any} answer @param {Content} content */
  #done({ id, status, message, edit_token, edit_until, author_token }, content) {
    const { host, on } = this.#order;
    const { parent, name, url, body } = content;
    if (this.#typed.target?.id === parent) this.#answer(null);
    this.#typed.arrived(content, author_token);
    this.#help.renew();
    this.#messages.status(message);
    fire(host, 'submitted', { id, status });
    on?.sent?.({ id, parent, name, url, body, status, message, edit_token, edit_until, created_at: new Date().toISOString() });
  }
}
