// `<reply-desk>`: asks for all that it needs at once, draws it, and goes on. What stands in its attributes is data.

import { Api } from './api.js';
import { fire, h } from './dom.js';
import { CommentForm } from './form.js';
import { buildForm, loadRules } from './markup.js';
import { PLACES } from './places.js';
import { languageOf, loadTexts } from './texts.js';
import { ORDERS, Thread } from './thread.js';

const REST_MS = 400;

/** @type {Promise<CSSStyleSheet> | undefined} one for all */
let sheet;

/** Gives the root its style: adopted, so that the page's policy need not allow any; where that is not known, the link to add. @param {ShadowRoot} root */
async function dress(root) {
  try {
    sheet ??= fetch(PLACES.css, { credentials: 'omit' }).then(async (answer) => {
      if (!answer.ok) throw answer;
      return new CSSStyleSheet().replace(await answer.text());
    });
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
    if (!window.IntersectionObserver) return near();
    const eye = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      eye.disconnect();
      near();
    }, { rootMargin: '600px' });
    eye.observe(node);
  });
}

/** The server as this element sees it: at `src`, if that is a web address. @param {Element} element */
function serverOf(element) {
  let home = PLACES.home;
  const src = element.getAttribute('src');
  try {
    const url = new URL(src || home, location.href).href;
    if (src && /^https?:/.test(url)) home = url.replace(/\/*$/, '/');
  } catch {
    // It is no address.
  }
  const canonical = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel=canonical]'));
  const lang = languageOf([element.closest('[lang]')?.getAttribute('lang'), navigator.language]);
  const page = element.getAttribute('page') || canonical?.href || location.href.replace(/#.*/, '');
  return { api: new Api(home, lang), lang, page };
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
  static observedAttributes = ['page', 'lang', 'sort', 'depth', 'limit', 'form', 'src'];
  /** @type {AbortController | null} */
  #stop = null;
  /** @type {HTMLElement | undefined} what is seen of it */
  #drawn;
  /** @type {CommentForm | null} it outlives the thread, since somebody may be writing in it */
  #written = null;

  connectedCallback() {
    if (!this.#stop) void this.#begin();
  }

  disconnectedCallback() {
    // Who only moves it within the page goes on.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#stop?.abort();
      this.#stop = null;
      this.#written?.stop();
    });
  }

  /** @param {string} _name @param {string | null} old @param {string | null} now */
  attributeChangedCallback(_name, old, now) {
    if (this.#stop && old !== now) void this.#begin();
  }

  /** A whole number within bounds. @param {string} name @param {number} least @param {number} most @param {number} usual */
  #number(name, least, most, usual) {
    const text = this.getAttribute(name) ?? '';
    return /^\d+$/.test(text) && +text >= least && +text <= most ? +text : usual;
  }

  async #begin() {
    this.#stop?.abort();
    const stop = (this.#stop = new AbortController());
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    if (!root.firstChild) root.append(h('slot'));
    await (!this.#drawn && this.getAttribute('loading') === 'lazy' && comesNear(this));
    if (stop.signal.aborted) return;
    const { api, page, lang } = serverOf(this);
    const sort = ORDERS.find((one) => one === this.getAttribute('sort')) ?? 'oldest';
    const base = { page, sort, limit: this.#number('limit', 1, 200, 50), with: 'approved_at' };
    const asked = api.get('api/comments', base);
    /** @type {Thread | undefined} */
    let thread;
    try {
      const [texts, rules, style] = await Promise.all([loadTexts(lang), loadRules(api, page), dress(root)]);
      if (stop.signal.aborted) return;
      /** @type {import('./thread.js').Desk} */
      const desk = { host: this, stop, api, texts, base, depth: this.#number('depth', 0, 20, 4), mostDeep: rules.max_depth, form: null };
      thread = new Thread(desk);
      const drawn = (this.#drawn ??= h('div', { class: 'desk' }, style));
      drawn.lang = texts.lang;
      drawn.dir = texts.dir;
      drawn.querySelector('.thread')?.remove();
      drawn.append(thread.node);
      if (!drawn.isConnected) root.replaceChildren(drawn);
      this.#write(thread, rules);
      this.addEventListener('replydesk:ready', () => this.replaceChildren(), { once: true, signal: stop.signal });
      addEventListener('hashchange', () => thread?.follow(), stop);
      await thread.load({}, asked);
      thread.follow();
      // What was drawn is seen before more is fetched.
      await new Promise((then) => setTimeout(then, REST_MS));
      await comesNear(thread.node);
      if (!stop.signal.aborted) void thread.later((more) => more.hear(/** @type {Thread} */ (thread)));
    } catch {
      if (stop.signal.aborted) return;
      if (!this.#drawn) {
        // Not even the words are here; what stood in the element still does.
        root.replaceChildren(h('slot'), h('p', null, 'The comments could not be loaded. ', h('button', { type: 'button', onclick: () => void this.#begin() }, 'Try again')));
      } else if (thread) {
        thread.next = () => void thread?.load();
        thread.tail('retry', thread.texts.say('thread.failed'));
      }
      fire(this, 'error', { code: 'offline', status: 0 });
    }
  }

  /** Puts the form beside the thread, which moves around it. @param {Thread} thread @param {Pick<import('./markup.js').Rules, 'email' | 'max_depth'>} rules */
  #write(thread, rules) {
    const { desk, node } = thread;
    const { api, texts, base: { page } } = desk;
    const place = this.getAttribute('form');
    const was = this.#written;
    if (place === 'none') return was?.order.form.remove();
    let form = was?.order.form;
    if (form && !form.isConnected) node.before(form);
    const isSame = was?.order.page === page && was.order.api.home === api.home;
    if (!was || !form || !isSame) {
      const host = this;
      const same = [...document.querySelectorAll(this.localName)].filter((one) => serverOf(one).page === page);
      // Two for one article keep a draft each.
      const slot = `${page}${' '.repeat(Math.max(0, same.indexOf(this)))}`;
      const before = form ?? this.querySelector('form');
      form = buildForm(texts, rules);
      node.before(form);
      this.#written = new CommentForm({ host, form, texts, api, page, slot, get title() { return host.getAttribute('page-title') || document.title; } });
      if (before) this.#written.takeOver(before, was);
      was?.order.form.remove();
      was?.stop();
    } else if (was.order.texts !== texts || !form.elements.namedItem('body')) {
      was.moveTo({ form: (form = buildForm(texts, rules)), texts, api });
    }
    form[place === 'end' ? 'before' : 'after'](node);
    const written = (desk.form = /** @type {CommentForm} */ (this.#written));
    written.order.on = { sent: (own) => void thread.later((more) => more.showOwn(thread, own)) };
  }
}

customElements.define('reply-desk', ReplyDesk);
customElements.define('reply-count', ReplyCount);
