// What has been typed survives a reload, a slip of the back button and a crash of the tab, until it
// is sent. It stays in this tab (sessionStorage) and is gone with it.

const FIELDS = ['body', 'name', 'email', 'url'];

export class Draft {
  #key;

  /** @param {string} page */
  constructor(page) {
    this.#key = `replydesk:draft:${page}`;
  }

  /** @param {Record<string, string>} values */
  keep(values) {
    quietly(() => sessionStorage.setItem(this.#key, JSON.stringify(values)));
  }

  /** @returns {Record<string, string>} only texts */
  read() {
    const kept = quietly(() => JSON.parse(sessionStorage.getItem(this.#key) ?? '{}')) ?? {};
    return Object.fromEntries([...FIELDS, 'parent'].map((name) => [name, typeof kept[name] === 'string' ? kept[name] : '']));
  }

  forget() {
    quietly(() => sessionStorage.removeItem(this.#key));
  }
}

/** The token that proves an author's record, for as long as the tab lives: longer only with consent. */
export const authorToken = {
  /** @returns {string | null} */
  read: () => quietly(() => sessionStorage.getItem('replydesk:author')) ?? null,
  /** @param {string} token */
  keep: (token) => quietly(() => sessionStorage.setItem('replydesk:author', token)),
};

/** Storage may be full, off or forbidden; the form works without. @template T @param {() => T} act */
function quietly(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
