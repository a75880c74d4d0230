// `<reply-count page="…">`: how many comments an article has. All of a document ask together. What stands in attributes is data.

import { Api } from './api.js';
import { PLACES } from './places.js';
import { loadTexts } from './texts.js';

const MOST_PAGES = 100;

/** Where the server is: `src`, if that is a web address. @param {Element} element */
export function homeOf(element) {
  const src = element.getAttribute('src');
  const url = src && URL.canParse(src, location.href) ? new URL(src, location.href).href : '';
  return /^https?:/.test(url) ? url.replace(/\/*$/, '/') : PLACES.home;
}

/** Which article is meant. @param {Element} element */
export function pageOf(element) {
  const canonical = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel=canonical]'));
  return element.getAttribute('page') || canonical?.href || location.href.replace(/#.*/, '');
}

/** What the text around it is written in. @param {Element} element */
export function langOf(element) {
  return element.closest('[lang]')?.getAttribute('lang') || navigator.language;
}

export class ReplyCount extends HTMLElement {
  static observedAttributes = ['page', 'format', 'lang', 'src'];
  /** @type {Set<ReplyCount>} */
  static unasked = new Set();

  connectedCallback() {
    if (!ReplyCount.unasked.size) queueMicrotask(askCounts);
    ReplyCount.unasked.add(this);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.connectedCallback();
  }
}

function askCounts() {
  const all = [...ReplyCount.unasked];
  ReplyCount.unasked.clear();
  for (const home of new Set(all.map(homeOf))) {
    const here = all.filter((one) => homeOf(one) === home);
    const pages = [...new Set(here.map(pageOf))];
    while (pages.length) void showCounts(new Api(home, ''), pages.splice(0, MOST_PAGES), here);
  }
}

/** What could not be learned leaves the text that stood there. @param {Api} api @param {string[]} pages @param {ReplyCount[]} all */
async function showCounts(api, pages, all) {
  const { status, body } = await api.get('api/comments/counts', { page: pages });
  for (const one of status === 200 ? all : []) {
    const n = body.counts[pageOf(one)];
    if (n === undefined) continue;
    const texts = await loadTexts(langOf(one), navigator.language).catch(() => null);
    if (texts) one.textContent = one.getAttribute('format') === 'number' ? texts.number(n) : texts.say(n ? 'thread.count' : 'thread.none', { n });
  }
}
