// Where things are while the modules are loaded one by one. The server writes this module itself when it joins them.

/** The URL below which the routes are. */
const here = new URL('../../', import.meta.url).href;

/**
 * `home`: the URL below which `api/…`, `thread` and the rest are; `css`, `solver`, `later`: files that are fetched when
 * they are needed; `texts`: the address of a language's catalogue.
 */
export const PLACES = {
  home: here,
  css: `${here}assets/embed.css`,
  texts: (/** @type {string} */ lang) => `${here}embed/texts/${lang}.json`,
  solver: `${here}assets/proof.js`,
  later: `${here}assets/embed/later.js`,
};
