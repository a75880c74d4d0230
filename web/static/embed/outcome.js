// What a refusal does to the form: the faults beside the fields, or a sentence with what helps. Everything is set as text; what
// a server says never becomes markup.

import { waitIn } from './answers.js';

/**
 * @import { Plan, Stopped } from './answers.js'
 * @import { h } from './dom.js'
 * @import { Messages } from './messages.js'
 * @typedef {Extract<Plan, {kind: 'faults'}>} Faults
 */

/** All but the last sentence, and the last. */
const LAST_SENTENCE = /^(.+[.!?。！؟]\s*)(\S.*)$/s;

/**
 * @param {Messages} messages @param {typeof h} make @param {Faults | Stopped} plan @param {(offer: string) => void} act what is offered, when it is
 *   taken up
 */
export function refuse(messages, make, plan, act) {
  if (plan.kind === 'faults') showFaults(messages, make, plan);
  else showStopped(messages, make, plan, act);
}

/**
 * Each beside its field, where there is one; the focus goes to the first.
 * @param {Messages} messages @param {typeof h} make @param {Faults} plan
 */
function showFaults(messages, make, { detail, faults }) {
  const elsewhere = faults.filter(({ field, message }) => {
    const place = messages.part(`${field}-fault`);
    if (!place) return true;
    place.textContent = message;
    place.hidden = !message;
    messages.part(field).setAttribute('aria-invalid', 'true');
    return false;
  });
  if (elsewhere.length > 0) messages.notice(detail, make('ul', null, elsewhere.map(({ message }) => make('li', null, message)))).focus();
  /** @type {HTMLElement | null} */ (messages.form.querySelector('[aria-invalid]'))?.focus();
}

/** @param {Messages} messages @param {typeof h} make @param {Stopped} plan @param {(offer: string) => void} act */
function showStopped(messages, make, { detail, says, reference, contact, wait, offer }, act) {
  const text = detail || messages.say(says);
  const [, before, last] = LAST_SENTENCE.exec(text) ?? ['', `${text} `, messages.say('contact')];
  messages.notice(
    contact ? [before, make('a', { href: contact }, last)] : text,
    reference && make('p', null, messages.say('reference', { reference })),
    wait && countdown(messages, make, wait),
    offer && messages.offer(offer, () => act(offer)),
  );
}

/** Told once to those who listen, kept up for those who look. @param {Messages} messages @param {typeof h} make @param {number} wait seconds */
function countdown(messages, make, wait) {
  const end = Date.now() + wait * 1000;
  const sentence = () => {
    const [key, n] = waitIn((end - Date.now()) / 1000);
    return messages.say(key, { n });
  };
  const seen = make('span', { 'aria-hidden': 'true' }, sentence());
  const line = make('p', null, make('span', { class: 'unseen' }, sentence()), seen);
  messages.timer = setInterval(() => {
    if (end > Date.now()) return (seen.textContent = sentence());
    clearInterval(messages.timer);
    line.remove();
    return messages.status(messages.say('free'));
  }, 1000);
  return line;
}
