// How many comments each article of a list has: all that are on a page ask together.

/**
 * @import { Api } from './api.js'
 * @import { loadTexts } from './texts.js'
 */
/** @typedef {{api: Api, page: string, lang: string, loadTexts: typeof loadTexts}} Wish of one `<reply-count>` */

const MOST_PAGES = 100;

/** @type {Map<Element, Wish>} */
const wishes = new Map();

/** @param {Element} element @param {Wish} wish */
export function wishFor(element, wish) {
  // All that were found in the page at once ask in one call.
  if (!wishes.size) setTimeout(askAll);
  wishes.set(element, wish);
}

function askAll() {
  const all = [...wishes];
  wishes.clear();
  const homeOf = (/** @type {Wish} */ { api }) => api.url('.').origin + api.url('.').pathname;
  for (const home of new Set(all.map(([, wish]) => homeOf(wish)))) {
    const here = all.filter(([, wish]) => homeOf(wish) === home);
    const pages = [...new Set(here.map(([, { page }]) => page))];
    while (pages.length) void showCounts(pages.splice(0, MOST_PAGES), here);
  }
}

/** What could not be learned leaves the text that stood there. @param {string[]} pages @param {[Element, Wish][]} all */
async function showCounts(pages, all) {
  const { status, body } = await /** @type {[Element, Wish]} */ (all[0])[1].api.get('api/comments/counts', { page: pages });
  for (const [element, { page, lang, loadTexts }] of status === 200 ? all : []) {
    const n = body.counts[page];
    const texts = n !== undefined && (await loadTexts(lang, navigator.language).catch(() => null));
    if (texts) element.textContent = element.getAttribute('format') === 'number' ? texts.number(n) : texts.say(n ? 'thread.count' : 'thread.none', { n });
  }
}
