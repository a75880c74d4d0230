// When the reader was here before, so that what came since can be marked. Longer than the tab lives only with consent.

import { inBrowser, inTab, mayRemember } from './kept.js';

/** Who comes back later than that pays another visit. Milliseconds. */
const PAUSE_MS = 1_800_000;
const MOST_VISITS = 200;

/**
 * Notes that the reader is here.
 * @param {string} page @param {number} now milliseconds
 * @returns {number} when the visit before this one ended; for ever later than any comment where none is known
 */
export function visit(page, now) {
  const visits = new Map(Object.entries(inBrowser.read('visits') ?? {}));
  const tab = inTab.read(`visit:${page}`);
  const before = !tab ? visits.get(page) : now - tab.at > PAUSE_MS ? tab.at : tab.before;
  inTab.keep(`visit:${page}`, { before, at: now });
  if (mayRemember()) {
    visits.delete(page);
    inBrowser.keep('visits', Object.fromEntries([...visits.set(page, now)].slice(-MOST_VISITS)));
  }
  return before ?? Infinity;
}
