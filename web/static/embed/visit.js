// When the reader was here before, so that what came since can be marked. What they have seen, seen.js keeps.

import { inBrowser, inTab } from './kept.js';

/** Who comes back later than that pays another visit. Milliseconds. */
const PAUSE_MS = 1_800_000;

/**
 * The newest that was seen on the visit before this one, by the server's clock.
 * @param {string} page @param {number} now milliseconds by the reader's clock, which says only how long a pause was
 * @returns {number} for ever later than any comment where none is known
 */
export function lastSeen(page, now) {
  const tab = inTab.read(`visit:${page}`);
  return (tab ? (now - tab.at > PAUSE_MS ? tab.seen : tab.before) : inBrowser.read('visits')?.[page]) ?? Infinity;
}
