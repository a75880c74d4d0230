// The server's HTML as nodes of the dozen kinds it writes. All else in it is text, so that not even a server that lies can run
// anything on the page.

import { h } from './dom.js';

const TOKEN = /<(\/?)(p|br|em|strong|code|pre|blockquote|ul|ol|li|a)((?: \w+="[^"<>]*")*)>|[^<]+|</g;
const ENTITIES = /** @type {Record<string, string>} */ ({ lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" });
/** No text of the server's is nested deeper; deeper ones would only cost the browser. */
const DEEPEST = 40;

const decoded = (/** @type {string} */ text) => text.replace(/&(lt|gt|amp|quot|#39);/g, (whole, name) => ENTITIES[name] ?? whole);

/** @param {string} html */
export function words(html) {
  const whole = h('div', { class: 'words', part: 'words', dir: 'auto' });
  /** @type {HTMLElement[]} */
  const open = [whole];
  for (const [token, ends, kind, rest] of String(html).matchAll(TOKEN)) {
    const at = open.at(-1) ?? whole;
    if (ends && at.localName === kind && at !== whole) open.pop();
    else if (!kind || ends || open.length > DEEPEST) at.append(decoded(token));
    else {
      const made = wordNode(kind, decoded(/ (?:href|start)="([^"]*)/.exec(rest ?? '')?.[1] ?? ''));
      at.append(made ?? decoded(token));
      if (made && kind !== 'br') open.push(made);
    }
  }
  return whole;
}

/** A link to elsewhere; out of a frame, which could not show it. @param {string} href @param {string} [text] */
export const outward = (href, text) => h('a', { href, rel: 'nofollow ugc noopener', target: self !== top && '_blank' }, text);

/** None for a link that leads elsewhere than to the web or a mailbox. @param {string} kind @param {string} value of its one attribute */
function wordNode(kind, value) {
  if (kind !== 'a') return h(/** @type {'p'} */ (kind), { start: kind === 'ol' && (value || null) });
  return /^(https?:\/\/|mailto:)/i.test(value) ? outward(value) : null;
}
