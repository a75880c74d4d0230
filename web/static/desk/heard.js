// What happens elsewhere, as far as it concerns the list on the page: what came is counted, what others decided is
// marked where it stands, what was changed is fetched or said. Nothing moves by itself. What comes in attack mode is
// told as one number every few seconds.

import { MUTED_MS } from './live.js';

/** @import { Model } from './model.js' */
/** @import { Scope } from './routes.js' */
/** @import { Context, Summary } from './types.js' */

/** @param {Context} ctx @param {Model} model @param {Scope} scope @returns {() => void} what ends it */
export function hear({ api, live, decider }, model, scope) {
  const { site, collapse, status, order, ...narrower } = scope.params;
  // What came belongs to a plain list; whether it belongs to a search only the server knows.
  const isPlain = Object.keys(narrower).length === 0;
  const isShown = (/** @type {string} */ id) => model.find(id) !== null || model.open?.id === id;
  // Where the oldest come first, what is new comes into view by going on.
  const counts = (/** @type {{site: string, status: string}} */ event) =>
    isPlain && (!site || event.site === site) && (scope.status === null || event.status === scope.status) && (scope.order !== 'oldest' || model.cursor === null);

  const refresh = async (/** @type {string} */ id) => {
    const item = await api.get(`/moderation/comments/${id}`, {}, { quiet: true }).catch(() => null);
    if (item && isShown(id)) model.replace(item);
  };
  let counted = live.summary;
  let [muted, timer] = [0, 0];
  const tell = () => {
    model.came(muted);
    [muted, timer] = [0, 0];
  };
  const ends = [
    live.on('comment', (event) => {
      if (!counts(event) || isShown(event.id)) return;
      if (!event.attack) return model.came(1);
      muted += 1;
      timer ||= window.setTimeout(tell, MUTED_MS);
    }),
    live.on('decision', ({ id, site: at, status: now, version, by }) => {
      if (decider.isOwn(id, version)) return;
      if (!isShown(id)) {
        if (scope.status !== null && counts({ site: at, status: now })) model.came(1);
      } else if (scope.status !== null && now !== scope.status) {
        model.settle(id, { status: now, by, version });
      } else {
        void refresh(id);
      }
    }),
    live.on('edit', ({ id, version, status: now, by }) => {
      const shown = model.find(id) ?? (model.open?.id === id ? model.open : null);
      if (!shown || decider.isOwn(id, version)) return;
      if (now === 'deleted' || (scope.status !== null && now !== scope.status)) model.settle(id, { status: now, by, version });
      // The words are another's now, but for reports and captchas, which leave the version as it is.
      else if (model.open?.id === id && version !== shown.version) model.outdate(id);
      else void refresh(id);
    }),
    live.on('claim', ({ id, by, until }) => void (isShown(id) && model.claim(id, by, until))),
    live.on('reset', () => void model.load()),
    // Without a stream the counts are all there is to hear.
    live.on('summary', (/** @type {Summary} */ summary) => {
      const more = (summary.counts[scope.status ?? ''] ?? 0) - (counted?.counts[scope.status ?? ''] ?? Infinity);
      counted = summary;
      if (live.state === 'polling' && more > 0 && !decider.isBusy && counts({ site: site ?? '', status: scope.status ?? '' })) model.came(more);
    }),
  ];
  return () => {
    clearTimeout(timer);
    ends.forEach((end) => end());
  };
}
