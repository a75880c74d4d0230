// Decisions on many comments at once: chosen rows, or all near-copies of one. Shown as done at once, summed up when
// the server has answered, and undone as a whole.

import { inWords } from './api.js';
import { MOST_CHOSEN } from './model.js';
import { BACK_TO, DONE, LEADS_TO, plural } from './words.js';

/** @import { Action, Context, Item, Status } from './types.js' */

/** @typedef {{id: string, action: Action, version?: number, reason?: string | null}} Entry */
/** @typedef {{id: string, outcome: 'applied' | 'unchanged' | 'conflict' | 'not_found', version: number | null}} Result */
/** @typedef {{applied: Result[], unchanged: number, conflict: Result[], gone: number}} Sum */

/** What came of whole clusters: each can be undone on its own. @typedef {{applied: number, undo: () => Promise<number>}} Whole */

/**
 * @param {Context} ctx @param {readonly Item[]} items @param {Action} action @param {string | null} reason
 * @param {boolean} collapsed a row of near-copies stands for all of them
 */
export async function decideMany(ctx, items, action, reason, collapsed) {
  const wholes = items.filter(({ cluster }) => collapsed && cluster && cluster.count > 1);
  const singles = items.filter((item) => !wholes.includes(item));
  const back = ctx.decider.apply(items.map(({ id }) => id), LEADS_TO[action]);
  try {
    const sum = await post(ctx, singles.map((item) => ({ id: item.id, action, version: ctx.decider.newest(item), reason })));
    /** @type {Whole[]} */
    const done = [];
    for (const item of wholes) done.push(await whole(ctx, item, action, reason));
    const n = sum.applied.length + done.reduce((all, { applied }) => all + applied, 0);
    const left = [sum.conflict.length > 0 && `${plural(sum.conflict.length, 'was', 'were')} decided or changed by others and left alone`, sum.gone > 0 && `${plural(sum.gone, 'is', 'are')} gone`].filter(Boolean);
    const text = [`${DONE[action]}: ${plural(n, 'comment')}`, ...left].join('. ');
    const from = new Map(singles.map(({ id, status }) => [id, status]));
    tell(ctx, text, left.length > 0, async () => {
      back();
      const undone = await post(ctx, sum.applied.map(({ id, version }) => ({ id, action: BACK_TO[from.get(id) ?? 'pending'], ...(version === null ? {} : { version }) })));
      let clusters = 0;
      for (const { undo } of done) clusters += await undo();
      return undone.applied.length + clusters;
    });
  } catch (error) {
    refused(ctx, error, back, () => decideMany(ctx, items, action, reason, collapsed));
  }
}

/** @param {Context} ctx @param {Item} item the newest that was seen @param {Action} action @param {string | null} reason */
export async function decideCluster(ctx, item, action, reason) {
  const back = ctx.decider.apply([item.id], LEADS_TO[action]);
  try {
    const { applied, undo } = await whole(ctx, item, action, reason);
    tell(ctx, `${DONE[action]}: ${plural(applied, 'near-copy', 'near-copies')}`, false, async () => {
      back();
      return undo();
    });
  } catch (error) {
    refused(ctx, error, back, () => decideCluster(ctx, item, action, reason));
  }
}

/** All near-copies that stand as this one, none that came later. @param {Context} ctx @param {Item} item @param {Action} action @param {string | null} reason @returns {Promise<Whole>} */
async function whole(ctx, item, action, reason) {
  const cluster = item.cluster?.id;
  const before = await members(ctx, cluster ?? '', item.status, item.id);
  const { applied } = await ctx.api.post(`/moderation/clusters/${cluster}/decision`, { action, up_to: item.id, status: item.status, reason }, { timeout: 60_000 });
  const undo = async () => {
    const ids = new Set(before.map(({ id }) => id));
    const now = (await members(ctx, cluster ?? '', LEADS_TO[action], item.id)).filter(({ id }) => ids.has(id));
    const sum = await post(ctx, now.map(({ id, version }) => ({ id, action: BACK_TO[item.status], version })));
    return sum.applied.length;
  };
  return { applied, undo };
}

/** The members of a cluster with a status, none newer than the one that was looked at. @param {Context} ctx @param {string} cluster @param {Status} status @param {string} upTo */
async function members({ api }, cluster, status, upTo) {
  /** @type {Item[]} */
  const all = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    const page = await api.get('/moderation/comments', { cluster, status, limit: 200, cursor });
    all.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  // Ids are in the order in which comments came.
  return all.filter(({ id }) => id <= upTo);
}

/** @param {Context} ctx @param {readonly Entry[]} entries @returns {Promise<Sum>} */
async function post({ api, decider }, entries) {
  /** @type {Result[]} */
  const results = [];
  for (let at = 0; at < entries.length; at += MOST_CHOSEN) {
    const answer = await api.post('/moderation/decisions', { decisions: entries.slice(at, at + MOST_CHOSEN) }, { timeout: 30_000 });
    results.push(...answer.results);
  }
  for (const { id, version } of results) decider.know(id, version);
  const of = (/** @type {Result['outcome']} */ outcome) => results.filter((result) => result.outcome === outcome);
  return { applied: of('applied'), unchanged: of('unchanged').length, conflict: of('conflict'), gone: of('not_found').length };
}

/** @param {Context} ctx @param {string} text @param {boolean} sticky @param {() => Promise<number>} undo */
function tell(ctx, text, sticky, undo) {
  const act = async () => {
    try {
      ctx.toast(`Undone: ${plural(await undo(), 'comment')}`);
    } catch (error) {
      ctx.toast(`It could not be undone. ${inWords(error)}`, { tone: 'warn', sticky: true, actions: [{ label: 'Try again', run: () => void act() }] });
    }
    ctx.live.recount();
    ctx.decider.reload();
  };
  const told = ctx.toast(text, { sticky, actions: [{ label: 'Undo', run: () => run() }] });
  const run = ctx.decider.undoable(told, () => void act());
  ctx.live.recount();
}

/** @param {Context} ctx @param {unknown} error @param {() => void} back @param {() => Promise<void>} again */
function refused(ctx, error, back, again) {
  back();
  ctx.toast(`Nothing, or not everything, was decided. ${inWords(error)}`, { tone: 'warn', sticky: true, actions: [{ label: 'Try again', run: () => void again() }] });
  ctx.decider.reload();
}
