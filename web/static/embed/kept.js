// What the browser keeps for the reader. Storage may be full, off or forbidden; everything works without.

/**
 * Values by key, as JSON, in one of the browser's two storages; `read` is null where there is nothing that can be read, and
 * keeping null forgets.
 * @param {() => Storage} storage asked for each time, since looking at it may throw
 */
function keptIn(storage) {
  const quietly = (/** @type {() => any} */ act) => {
    try {
      return act();
    } catch {
      return null;
    }
  };
  return {
    /** @param {string} key @returns {any} */
    read: (key) => quietly(() => JSON.parse(storage().getItem(`replydesk:${key}`) ?? 'null')),
    /** @param {string} key @param {unknown} value */
    keep: (key, value) =>
      quietly(() => (value === null ? storage().removeItem(`replydesk:${key}`) : storage().setItem(`replydesk:${key}`, JSON.stringify(value)))),
  };
}

/**
 * As long as the tab lives: `draft:PAGE` (the form's), `own:PAGE`, `visit:PAGE` (the thread's), `author` (the token that
 * proves an author's record).
 */
export const inTab = keptIn(() => sessionStorage);

/**
 * Longer, and only after the reader ticked the box: `me` (`{name, email, url, author_token}`; there only with consent) and
 * `visits` (the last one a page).
 */
export const inBrowser = keptIn(() => localStorage);

/** Whether the reader agreed that something is kept longer than the tab lives. */
export const mayRemember = () => inBrowser.read('me') !== null;

/** Takes back all that was kept with the reader's consent. */
export function forgetReader() {
  for (const key of ['me', 'visits']) inBrowser.keep(key, null);
}
