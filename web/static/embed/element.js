// `<reply-desk>`: asks for all that it needs at once, draws it, and goes on. What stands in its attributes is data.

import { Api } from './api.js';
import { fire, h } from './dom.js';
import { CommentForm } from './form.js';
import { buildForm, loadRules } from './markup.js';
import { PLACES } from './places.js';
import { loadTexts } from './texts.js';
import { ORDERS, Thread } from './thread.js';

const REST_MS = 400;

/** @type {Promise<CSSStyleSheet> | undefined} one for all */
let sheet;

/** Gives the root its style: adopted, so that the page's policy need not allow any; where that is not known, the link to add. @param {ShadowRoot} root */
async function dress(root) {
  try {
    sheet ??= fetch(PLACES.css, { credentials: 'omit' }).then(async (answer) => new CSSStyleSheet().replace(await answer.text()));
    root.adoptedStyleSheets = [await sheet];
    return null;
  } catch {
    sheet = undefined;
    return h('link', { rel: 'stylesheet', href: PLACES.css });
  }
}

/** Waits until it is nearly seen. @param {Element} node @returns {Promise<void>} */
function comesNear(node) {
  return new Promise((near) => {
    const eye = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      eye.disconnect();
      near();
    }, { rootMargin: '600px' });
    eye.observe(node);
  });
}

/** The server as this element sees it: at `src`, if that is a web address. @param {HTMLElement} element */
function serverOf(element) {
  const src = element.getAttribute('src');
  const url = src && URL.canParse(src, location.href) ? new URL(src, location.href).href : '';
  const canonical = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel=canonical]'));
  const lang = element.closest('[lang]')?.getAttribute('lang') || navigator.language;
  const page = element.getAttribute('page') || canonical?.href || location.href.replace(/#.*/, '');
  return { api: new Api(/^https?:/.test(url) ? url.replace(/\/*$/, '/') : PLACES.home, lang), lang, page };
}

class ReplyCount extends HTMLElement {
  static observedAttributes = ['page', 'format', 'lang', 'src'];

  connectedCallback() {
    import(PLACES.later).then((more) => more.count(this, { ...serverOf(this), loadTexts })).catch(() => {});
  }

  attributeChangedCallback() {
    if (this.isConnected) this.connectedCallback();
  }
}

class ReplyDesk extends HTMLElement {
  static observedAttributes = ['page', 'page-title', 'lang', 'sort', 'depth', 'limit', 'form', 'src'];
  /** @type {AbortController | null} */
  #stop = null;

  connectedCallback() {
    if (!this.#stop) void this.#begin();
  }

  disconnectedCallback() {
    // Who only moves it within the page goes on.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#stop?.abort();
      this.#stop = null;
    });
  }

  /** @param {string} _name @param {string | null} old @param {string | null} now */
  attributeChangedCallback(_name, old, now) {
    if (this.#stop && old !== now) void this.#begin();
  }

  /** A whole number within bounds. @param {string} name @param {number} least @param {number} most @param {number} usual */
  #number(name, least, most, usual) {
    const n = Number.parseInt(this.getAttribute(name) ?? '', 10);
    return n >= least && n <= most ? n : usual;
  }

  async #begin() {
    this.#stop?.abort();
    const stop = (this.#stop = new AbortController());
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    if (!root.firstChild) root.append(h('slot'));
    await (this.getAttribute('loading') === 'lazy' && comesNear(this));
    if (stop.signal.aborted) return;
    const { api, page, lang } = serverOf(this);
    const sort = ORDERS.find((one) => one === this.getAttribute('sort')) ?? 'oldest';
    const base = { page, sort, limit: this.#number('limit', 1, 200, 50) };
    const asked = api.get('api/comments', base);
    try {
      const [texts, rules, style] = await Promise.all([loadTexts(lang, navigator.language), loadRules(api, page), dress(root)]);
      if (stop.signal.aborted) return;
      /** @type {import('./thread.js').Desk} */
      const desk = { host: this, stop, api, texts, base, depth: this.#number('depth', 0, 20, 4), mostDeep: rules.max_depth, form: null };
      const thread = new Thread(desk);
      const place = this.getAttribute('form');
      const form = place === 'none' ? null : buildForm(texts, rules);
      root.replaceChildren(h('div', { class: 'desk', lang: texts.lang, dir: texts.dir }, style, place !== 'end' && form, thread.node, place === 'end' && form));
      if (form) {
        const title = this.getAttribute('page-title') || document.title;
        const on = { sent: (/** @type {any} */ own) => void thread.later((more) => more.showOwn(thread, own)) };
        const written = (desk.form = new CommentForm({ host: this, form, texts, api, page, title, on }));
        const light = this.querySelector('form');
        if (light) written.takeOver(light);
        stop.signal.addEventListener('abort', () => written.stop());
      }
      this.replaceChildren();
      addEventListener('hashchange', () => thread.follow(), stop);
      await thread.load({}, asked);
      thread.follow();
      // What was drawn is seen before more is fetched.
      await new Promise((then) => setTimeout(then, REST_MS));
      await comesNear(thread.node);
      if (!stop.signal.aborted) void thread.later((more) => more.hear(thread));
    } catch {
      // Not even the words are here; what stood in the element still does.
      root.replaceChildren(h('slot', null), h('p', null, 'The comments could not be loaded. ', h('button', { type: 'button', onclick: () => void this.#begin() }, 'Try again')));
      fire(this, 'error', { code: 'offline', status: 0 });
    }
  }
}

customElements.define('reply-desk', ReplyDesk);
customElements.define('reply-count', ReplyCount);
