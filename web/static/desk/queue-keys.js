// The keyboard of a list of comments.

/** @import { Acts } from './acts.js' */
/** @import { Claims } from './claims.js' */
/** @import { Model } from './model.js' */
/** @import { Binding, Context } from './types.js' */

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
