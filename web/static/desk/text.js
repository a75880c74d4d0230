// A comment's text as it was typed, cut where signals point into it. Places are counted in Unicode scalar values,
// as the server counts them, not in the UTF-16 units of JavaScript's strings.

/** @import { Signal } from './types.js' */

/** @typedef {{text: string, signals: Signal[]}} Stretch */

/**
 * The text in stretches, each with the signals that lie on it; put together they are the text.
 * @param {string} body @param {readonly Signal[]} signals @returns {Stretch[]}
 */
export function stretches(body, signals) {
  const characters = Array.from(body);
  const spans = signals.flatMap((signal) => {
    const [start, end] = [signal.span?.start ?? 0, Math.min(signal.span?.end ?? 0, characters.length)];
    return signal.span && start >= 0 && start < end ? [{ start, end, signal }] : [];
  });
  const cuts = [...new Set([0, characters.length, ...spans.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, at) => {
    const start = cuts[at] ?? 0;
    const here = spans.filter((span) => span.start <= start && span.end >= end);
    return { text: characters.slice(start, end).join(''), signals: here.map(({ signal }) => signal) };
  });
}

/** Characters that nobody sees and that hide or turn others. Joiners stay: emoji and some scripts need them. */
const UNSEEN = /([\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u3164\uFEFF\uFFA0\p{Co}]|[\u{E0000}-\u{E0FFF}])/u;

/** The text with what nobody sees set apart, each such character by its number. @param {string} text @returns {{text: string, unseen: boolean}[]} */
export function seen(text) {
  return text
    .split(UNSEEN)
    .map((part, at) => (at % 2 === 0 ? { text: part, unseen: false } : { text: `U+${(part.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`, unseen: true }))
    .filter(({ text }) => text !== '');
}
