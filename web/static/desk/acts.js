// What can be done with the open comment and with the chosen ones, and by which key. Forms and dialogs are loaded when
// they are asked for.

import { inWords } from './api.js';
import { address } from './routes.js';
import { STATUS } from './words.js';

/** @import { Claims } from './claims.js' */
/** @import { Model } from './model.js' */
/** @import { Pane } from './pane.js' */
/** @import { Scope } from './routes.js' */
/** @import { Action, Binding, Context, Item } from './types.js' */

export class Acts {
  #ctx;
  #model;
  #scope;
  /** @type {Pane | null} */
  pane = null;
  /** @type {() => Promise<void>} */
  refresh = async () => {};

  /** @param {Context} ctx @param {Model} model @param {Scope} scope */
  constructor(ctx, model, scope) {
    this.#ctx = ctx;
    this.#model = model;
    this.#scope = scope;
  }

  /** On the open comment. @param {Action} action */
  decide(action) {
    return this.#try(async () => {
      const item = this.#standing();
      if (!item) return;
      if (this.#model.changed.has(item.id)) {
        this.#ctx.toast('The text was changed just now. Here is the new one; decide once you have read it.', { tone: 'warn' });
        return this.refresh();
      }
      const reason = await this.#reason(action, item.name, item.site);
      if (reason !== undefined) this.#ctx.decider.decide(item, action, reason);
    });
  }

  /** On the chosen rows where there are some, else on the open comment. @param {Action} action */
  decideChosen(action) {
    const choice = this.#model.choice;
    if (choice.length === 0) return this.decide(action);
    return this.#try(async () => {
      const sites = new Set(choice.map(({ site }) => site));
      const reason = await this.#reason(action, `${choice.length} comments`, sites.size === 1 ? ([...sites][0] ?? null) : null);
      if (reason === undefined) return;
      const { decideMany } = await import('./many.js');
      await decideMany(this.#ctx, choice, action, reason, 'collapse' in this.#scope.params);
    });
  }

  /** On all near-copies of the open comment that stand as it does and were here when the list was asked for. @param {Action} action */
  decideAll(action) {
    return this.#try(async () => {
      const open = this.#model.open;
      if (!open?.cluster || open.cluster.count < 2) return this.#ctx.announce('It has no near-copies.');
      // Ids are in the order in which comments came; what came after the newest that is shown stays out.
      const alike = this.#model.items.filter(({ cluster, status }) => cluster?.id === open.cluster?.id && status === open.status);
      const item = alike.reduce((newest, one) => (one.id > newest.id ? one : newest), open);
      const reason = await this.#reason(action, `${open.cluster.count} near-copies`, open.site);
      if (reason === undefined) return;
      const { decideCluster } = await import('./many.js');
      await decideCluster(this.#ctx, item, action, reason);
    });
  }

  reply() {
    return this.#compose((module, item, done) => module.replyForm(this.#ctx, item, done));
  }

  edit() {
    return this.#compose((module, item, done) => module.editForm(this.#ctx, item, done));
  }

  ban() {
    return this.#try(async () => {
      const item = this.#model.open;
      if (!item) return;
      const { banDialog } = await import('./ban.js');
      await banDialog(this.#ctx, { item });
    });
  }

  statement() {
    return this.#try(async () => {
      const item = this.#standing();
      if (!item) return;
      const { statementDialog } = await import('./statement.js');
      await statementDialog(this.#ctx, item);
    });
  }

  /** Asks the captcha's provider once more. */
  recheck() {
    return this.#try(async () => {
      const id = this.#model.open?.id;
      if (!id) return;
      const item = await this.#ctx.api.post(`/moderation/comments/${id}/captcha`);
      this.#model.replace(item);
      const told = { done: 'The captcha was checked.', unanswered: 'The provider still gives no answer.', nothing_left: 'There is no token left to ask about.' };
      this.#ctx.toast(told[/** @type {keyof typeof told} */ (item.recheck)] ?? 'The captcha was checked.');
    });
  }

  copyLink() {
    return this.#try(async () => {
      const id = this.#model.open?.id;
      if (!id) return;
      await navigator.clipboard.writeText(`${location.origin}/desk${address('comment', id)}`);
      this.#ctx.toast('The link is copied.');
    });
  }

  /** @param {(module: typeof import('./compose.js'), item: Item, done: (item: Item | null) => void) => HTMLElement} make */
  #compose(make) {
    return this.#try(async () => {
      const item = this.#standing();
      if (!item) return;
      const form = make(await import('./compose.js'), item, (changed) => {
        this.pane?.closeCompose();
        if (changed) this.#model.replace(changed);
        void this.refresh();
      });
      if (this.#model.open?.id === item.id) this.pane?.compose(form);
    });
  }

  /** The open comment as it stands, also where somebody else has decided meanwhile. @returns {Item | null} */
  #standing() {
    const item = this.#model.open;
    const settled = item && this.#model.settled.get(item.id);
    return item && settled && settled.status !== 'deleted' ? { ...item, status: settled.status, version: settled.version, decided_by: settled.by } : item;
  }

  /** Why, where one is asked; undefined where the person thought better of it. @param {Action} action @param {string} about @param {string | null} site @returns {Promise<string | null | undefined>} */
  async #reason(action, about, site) {
    if (action !== 'reject') return null;
    const { askReason } = await import('./reasons.js');
    return askReason(this.#ctx, about, site);
  }

  /** @param {() => Promise<unknown> | unknown} act */
  async #try(act) {
    try {
      await act();
    } catch (error) {
      const told = error instanceof TypeError ? 'A part of the desk could not be loaded. The network or the server is away.' : inWords(error);
      this.#ctx.toast(told, { tone: 'warn' });
    }
  }
}

/** What leads to other statuses than the one a list holds. @param {Scope} scope @returns {{action: Action, label: string}[]} */
export function choices(scope) {
  /** @type {{action: Action, label: string}[]} */
  const all = [{ action: 'approve', label: 'Approve' }, { action: 'reject', label: 'Reject' }, { action: 'spam', label: 'Spam' }, { action: 'pending', label: 'Put back' }];
  return all.filter(({ action }) => scope.status === null || STATUS[scope.status] !== STATUS[{ approve: /** @type {const} */ ('approved'), reject: /** @type {const} */ ('rejected'), spam: /** @type {const} */ ('spam'), pending: /** @type {const} */ ('pending') }[action]]);
}

/** @typedef {{go: (step: 1 | -1) => void, enter: () => void, back: () => void, isNarrow: boolean}} Mover */

/** @param {Mover} mover @param {Acts} acts @param {Model} model @param {Claims} claims @param {Context} ctx @returns {Binding[]} */
export function queueKeys(mover, acts, model, claims, ctx) {
  const isOpen = () => model.open !== null;
  const isAny = () => isOpen() || model.chosen.size > 0;
  const isFree = () => document.activeElement === document.body || document.activeElement?.id === 'main';
  const choose = () => {
    if (!model.open) return;
    model.choose(model.open.id);
    ctx.announce(model.chosen.has(model.open.id) ? 'Chosen' : 'Let go');
  };
  const leave = () => {
    if (acts.pane?.isComposing) acts.pane.closeCompose();
    else if (model.chosen.size > 0) model.chooseNone();
    else if (mover.isNarrow && isOpen()) mover.back();
  };
  const claim = async () => ctx.announce(await claims.toggle());
  return [
    { keys: ['j'], label: 'Next', group: 'Move', repeats: true, run: () => mover.go(1) },
    { keys: ['k'], label: 'Previous', group: 'Move', repeats: true, run: () => mover.go(-1) },
    { keys: ['ArrowDown'], label: 'Next', group: 'Move', hidden: true, repeats: true, when: isFree, run: () => mover.go(1) },
    { keys: ['ArrowUp'], label: 'Previous', group: 'Move', hidden: true, repeats: true, when: isFree, run: () => mover.go(-1) },
    { keys: ['o', 'Enter'], label: 'Open', group: 'Move', run: () => mover.enter() },
    { keys: ['Escape'], label: 'Close, or let the choice go', group: 'Move', run: leave },
    { keys: ['a'], label: 'Approve', group: 'Decide', when: isAny, run: () => void acts.decideChosen('approve') },
    { keys: ['r'], label: 'Reject, with a reason', group: 'Decide', when: isAny, run: () => void acts.decideChosen('reject') },
    { keys: ['s'], label: 'Mark as spam', group: 'Decide', when: isAny, run: () => void acts.decideChosen('spam') },
    { keys: ['p'], label: 'Put back to waiting', group: 'Decide', when: isAny, run: () => void acts.decideChosen('pending') },
    { keys: ['u'], label: 'Undo', group: 'Decide', run: () => ctx.decider.undoLast() },
    { keys: ['A'], label: 'Approve all near-copies', group: 'Decide', when: isOpen, run: () => void acts.decideAll('approve') },
    { keys: ['S'], label: 'Mark all near-copies as spam', group: 'Decide', when: isOpen, run: () => void acts.decideAll('spam') },
    { keys: ['x'], label: 'Choose', group: 'Choose', when: isOpen, run: choose },
    { keys: ['*'], label: 'Choose all that is shown', group: 'Choose', run: () => model.chooseAll() },
    { keys: ['e'], label: 'Edit', group: 'Comment', when: isOpen, run: () => void acts.edit() },
    { keys: ['R'], label: 'Reply', group: 'Comment', when: isOpen, run: () => void acts.reply() },
    { keys: ['c'], label: 'Claim, or give back', group: 'Comment', when: isOpen, run: () => void claim() },
    { keys: ['b'], label: 'Ban', group: 'Comment', when: isOpen, run: () => void acts.ban() },
  ];
}
