// How many comments each article of a list has: all that are on a page ask together.

/**
 * @import { Api } from './api.js'
 * @import { loadTexts } from './texts.js'
 */
/** @typedef {{api: Api, page: string, lang: string, loadTexts: typeof loadTexts}} Wish of one `<reply-count>` */

const MOST_PAGES = 100;
/** Of an address; a usual proxy takes 8 KB of it. */
const MOST_CHARACTERS = 6000;

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
    for (const some of batches(pages)) void showCounts(some, here);
  }
}

/** As many as one question can carry. @param {string[]} pages */
function batches(pages) {
  /** @type {string[][]} */
  const all = [];
  let left = 0;
  for (const page of pages) {
    const length = new URLSearchParams({ page }).toString().length + 1;
    if (length > left || all.at(-1)?.length === MOST_PAGES) {
      all.push([]);
      left = MOST_CHARACTERS;
    }
    all.at(-1)?.push(page);
    left -= length;
  }
  return all;
}

/** What could not be learned leaves the text that stood there; one page that is refused does not take the others with it. @param {string[]} pages @param {[Element, Wish][]} all */
async function showCounts(pages, all) {
  const { status, body } = await /** @type {[Element, Wish]} */ (all[0])[1].api.get('api/comments/counts', { page: pages });
  if (status >= 400 && status < 500 && status !== 429 && pages.length > 1) {
    const half = pages.length >> 1;
    return void (await Promise.all([showCounts(pages.slice(0, half), all), showCounts(pages.slice(half), all)]));
  }
  for (const [element, { page, lang, loadTexts }] of body?.counts ? all : []) {
    const n = body.counts[page];
    const texts = n !== undefined && (await loadTexts(lang, navigator.language).catch(() => null));
    if (texts) element.textContent = element.getAttribute('format') === 'number' ? texts.number(n) : texts.say(n ? 'thread.count' : 'thread.none', { n });
  }
}
