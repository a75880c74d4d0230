// The one way to build what is seen: nodes with text in them, never markup, and no address that runs.

/** @typedef {Node | string | number | null | undefined | false | readonly Child[]} Child */
/** @typedef {Record<string, unknown>} Props */

/**
 * An element. `on…` listens; `dataset` and attributes by name; `true` is an attribute without a value, `false`,
 * `null` and `undefined` leave it out, and so does an `href` that must not be followed.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Props | null} [props] @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if ((value ?? false) === false) continue;
    if (typeof value === 'function') made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name === 'dataset') Object.assign(made.dataset, value);
    else if (name !== 'href' || isFollowable(value)) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(.../** @type {any[]} */ (children).flat(9).filter((child) => (child ?? false) !== false));
  return made;
}

/** Whether an address leads to the web, a mailbox or a place here. @param {unknown} address */
export function isFollowable(address) {
  return /^(https?:|mailto:|[#/])/i.test(String(address));
}

/**
 * Tells the page. What a person typed is never among the details.
 * @param {Element} host @param {string} name without `replydesk:` @param {object} [detail] @param {boolean} [cancelable]
 * @returns {boolean} false where the page cancelled it
 */
export function fire(host, name, detail, cancelable = false) {
  return host.dispatchEvent(new CustomEvent(`replydesk:${name}`, { bubbles: true, composed: true, cancelable, detail }));
}
