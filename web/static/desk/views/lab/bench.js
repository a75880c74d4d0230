// What is shown of one stretch of the past: the two plots, the thresholds that are tried, what would have come of
// them, and the lines for the settings file. Asks nobody; whoever made it is told when a threshold was moved.

import { inWords } from '../../api.js';
import { fill, freshId, h } from '../../dom.js';
import { count, plural } from '../../words.js';
import { copyButton } from '../copy.js';
import { caveats, costs, fates, headline } from './figures.js';
import { plot } from './plot.js';
import { changed, DIALS, shown, toml, valueOf, withValue } from './proposal.js';

/** @import { Figures, Notes } from './figures.js' */
/** @import { ByOutcome } from './plot.js' */
/** @import { Name, Thresholds } from './proposal.js' */
/**
 * @typedef {{thresholds: Thresholds, figures: Figures}} Judged
 * @typedef {{since: string, in_force: Judged, histograms: {bins: number, captcha: ByOutcome, risk: ByOutcome}, notes: Notes}} InForce
 * @typedef {{since: string, in_force: Judged, proposed: Judged, notes: Notes}} Compared
 */

export class Bench {
  #found;
  #moved;
  #plots;
  #site;
  #headline = h('p', { class: 'headline', role: 'status' });
  #tables = h('div', { class: 'stack counted' });
  #lines = h('pre', { class: 'toml', tabindex: '0', 'aria-label': 'Lines for the settings file' });
  #notes = h('div');
  #inputs;
  #reset = h('button', { type: 'button', class: 'button small', onclick: () => this.#put(this.inForce) }, 'Back to those in force');
  /** @type {Thresholds} */
  tried;
  element;

  /** @param {InForce} found @param {Thresholds} tried @param {string | null} site whose they are; null is everybody's @param {() => void} moved */
  constructor(found, tried, site, moved) {
    this.#found = found;
    this.#site = site;
    this.#moved = moved;
    this.tried = tried;
    const { histograms } = found;
    const common = { inForce: this.inForce, tried: () => this.tried, move: (/** @type {Name} */ name, /** @type {number} */ value) => this.#put(withValue(this.tried, name, value)) };
    this.#plots = [
      plot({ ...common, title: 'Captcha score', about: 'From 0, surely a machine, to 1, surely human.', low: 'reject_below', high: 'hold_below', zones: [{ name: 'refused', tone: 'warn' }, { name: 'waits', tone: 'note' }, { name: 'goes on', tone: 'plain' }], ends: ['machine', 'human'], histogram: histograms.captcha }),
      plot({ ...common, title: 'Risk of the content', about: 'From 0, surely fine, to 1, surely spam.', low: 'hold_at', high: 'spam_at', zones: [{ name: 'goes on', tone: 'plain' }, { name: 'waits', tone: 'note' }, { name: 'spam', tone: 'warn' }], ends: ['fine', 'spam'], histogram: histograms.risk }),
    ];
    this.#inputs = Object.values(DIALS).map(({ name, label }) => ({ name, label, input: this.#input(name, label) }));
    const dials = this.#inputs.map(({ input, name, label }) => h('label', { class: 'small-field' }, h('span', null, `${label} `, h('span', { class: 'number' }, `(${shown(valueOf(this.inForce, name))})`)), input));
    const about = freshId('dials');
    this.element = h(
      'div',
      { class: 'bench' },
      h(
        'div',
        { class: 'plots' },
        this.#plots.map(({ element }) => element),
        h('p', { class: 'note' }, 'Each row is drawn to its own height. A dashed line is the threshold in force.'),
      ),
      h(
        'aside',
        { class: 'outcome', 'aria-label': 'What would have come of it' },
        this.#headline,
        h('div', { class: 'stack' }, h('p', { class: 'note', id: about }, 'Thresholds tried, with those in force in brackets'), h('div', { class: 'dials', role: 'group', 'aria-labelledby': about }, dials), h('p', { class: 'buttons' }, this.#reset)),
        this.#tables,
      ),
      h(
        'div',
        { class: 'after' },
        h('section', { class: 'chapter' }, h('h2', null, 'For the settings file'), this.#lines, h('p', { class: 'buttons' }, copyButton(() => this.#lines.textContent ?? '', 'Copy as settings', 'button small'), h('span', { class: 'note' }, 'The file is read again within five seconds of a change.'))),
        h('section', { class: 'chapter' }, h('h2', null, 'What to know about the figures'), this.#notes),
      ),
    );
    this.#show();
    this.settle(null);
  }

  get inForce() {
    return this.#found.in_force.thresholds;
  }

  /** @param {Name} name @param {string} label */
  #input(name, label) {
    const change = (/** @type {Event} */ event) => {
      const { value } = /** @type {HTMLInputElement} */ (event.target);
      if (value !== '') this.#put(withValue(this.tried, name, Number(value)));
      this.#show();
    };
    return h('input', { class: 'input', type: 'number', min: 0, max: 1, step: 0.01, inputmode: 'decimal', 'aria-label': `${label}, ${shown(valueOf(this.inForce, name))} in force`, onchange: change });
  }

  /** @param {Thresholds} tried */
  #put(tried) {
    if (changed(tried, this.tried).length === 0) return;
    this.tried = tried;
    this.#show();
    this.#moved();
  }

  #show() {
    for (const { refresh } of this.#plots) refresh();
    for (const { name, input } of this.#inputs) input.value = shown(valueOf(this.tried, name));
    this.#lines.textContent = toml(this.tried, this.inForce, this.#site);
    this.#reset.disabled = changed(this.tried, this.inForce).length === 0;
  }

  /** What is told is about others than those on the page. */
  wait() {
    this.element.classList.add('stale');
  }

  /** @param {Compared | null} found null is those in force */
  settle(found) {
    const { in_force: now, notes } = found ?? this.#found;
    const after = (found?.proposed ?? now).figures;
    this.element.classList.remove('stale');
    this.#headline.textContent = found ? headline(now.figures, after) : `These are in force. ${plural(after.submissions, 'comment')} came, ${count(after.approved_lost.of)} of them published and ${count(after.spam_let_through.of)} marked as spam by people.`;
    this.#tables.replaceChildren(fates(now.figures, after), costs(now.figures, after));
    fill(this.#notes, caveats(now.figures, after, notes));
  }

  /** @param {unknown} error @param {() => void} again */
  fail(error, again) {
    this.element.classList.remove('stale');
    this.#headline.replaceChildren(h('span', { class: 'fault' }, inWords(error)), ' ', h('button', { type: 'button', class: 'link', onclick: again }, 'Try again'));
  }
}
