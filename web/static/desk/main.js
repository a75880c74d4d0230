// The way in: who is it, then the frame, then the view that the address names. The first stretch of the queue is
// asked for beside the session, not after it.

import { Api, inWords, Problem } from './api.js';
import { Decider } from './decide.js';
import { announce, fill, h, keepTimes } from './dom.js';
import { listen } from './keys.js';
import { Live } from './live.js';
import { Frame } from './nav.js';
import { Router } from './router.js';
import { address, asked, parse, PLACES, scopeOf } from './routes.js';
import { toast } from './toast.js';

/** @import { Binding, Context, Route, Session } from './types.js' */

/** As many as one answer holds. */
const ALL_SITES = { limit: 200 };
const place = document.getElementById('desk') ?? document.body;

async function start() {
  const api = new Api();
  const invitation = /^#invitation=([\w.~-]+)$/.exec(location.hash)?.[1] ?? null;
  if (!invitation) askBeforehand(api);
  try {
    const session = (invitation ? null : await current(api)) ?? (await signedIn(api, invitation));
    open(api, session, await sitesOf(api, session));
  } catch (error) {
    const again = h('button', { type: 'button', class: 'button', onclick: () => location.reload() }, 'Try again');
    fill(place, h('main', { class: 'alone', id: 'main' }, h('h1', null, 'The desk cannot be opened'), h('p', null, inWords(error)), h('p', { class: 'buttons' }, again)));
  }
}

/** Beside the session, not after it: what will be wanted if somebody is signed in. @param {Api} api */
function askBeforehand(api) {
  const { name, id, query } = parse(location.hash);
  api.prime('/moderation/sites', ALL_SITES);
  if (PLACES[name]?.module === 'queue') api.prime('/moderation/comments', asked(scopeOf(name, id, query), null));
}

/** @param {Api} api @param {string | null} invitation */
async function signedIn(api, invitation) {
  const { signInPage } = await import('./signin.js');
  const session = await signInPage(place, api, invitation);
  if (invitation) history.replaceState(null, '', '/desk');
  return session;
}

/** The sites this person works on, and where each has its pages. @param {Api} api @param {Session} session @returns {Promise<Pick<Context, 'sites' | 'origins'>>} */
async function sitesOf(api, session) {
  /** @type {{items: {id: string, origins: string[]}[]}} */
  const { items } = await api.get('/moderation/sites', ALL_SITES, { quiet: true }).catch(() => ({ items: [] }));
  const told = items.map(({ id, origins }) => [id, origins[0] ?? '']);
  return { sites: items.length > 0 ? items.map(({ id }) => id) : (session.sites ?? []), origins: Object.fromEntries(told) };
}

/** @param {Api} api @param {Session} session @param {Pick<Context, 'sites' | 'origins'>} sites */
function open(api, session, sites) {
  void api.begin(session);
  const live = new Live(api);
  const decider = new Decider(api, session.username);
  /** @type {Binding[]} */
  let viewKeys = [];
  const bindings = () => [...viewKeys, ...general];
  const help = async () => (await import('./help.js')).showHelp(bindings());
  const leave = () => signOut(api).catch((error) => toast(inWords(error), { tone: 'warn' }));
  const frame = new Frame(session, { help, signOut: leave, resend: () => decider.resend(), drop: () => decider.drop() });
  decider.onOutbox = (n) => frame.outbox(n);
  const navigate = (/** @type {string} */ hash) => router.navigate(hash);
  const context = (/** @type {Route} */ { name, id, query }) => {
    /** @type {Context} */
    const made = {
      api, session, live, decider, ...sites, announce, toast, navigate, query, route: name, params: { id },
      isAdmin: session.role === 'admin',
      confirm: async (question) => (await import('./dialog.js')).confirm(question),
      replace: (hash) => history.replaceState(history.state, '', hash),
    };
    return made;
  };
  const router = new Router(frame.main, context, (route, keys) => {
    viewKeys = keys;
    frame.at(route);
  });
  const general = generalKeys(navigate, help, session.role === 'admin');
  renewOver(api, session.username, (begun) => {
    session = begun;
    live.again();
  });
  live.on('summary', (summary) => frame.counts(summary));
  tellAttacks(live, (made) => new made.Banner(frame.attack, { api, live, toast, me: session.username, sites: sites.sites }));
  live.on('state', (state) => frame.state(state));
  live.on('bye', () => void api.renew().catch(() => {}));
  fill(place, frame.element);
  live.start();
  keepTimes();
  listen(bindings);
  void router.start();
}

/** Most days there is none, and nothing is fetched. @param {Live} live @param {(made: typeof import('./attack.js')) => import('./attack.js').Banner} make */
function tellAttacks(live, make) {
  /** @type {Promise<import('./attack.js').Banner> | null} */
  let banner = null;
  live.on('summary', ({ attack }) => {
    if (attack.length > 0) banner ??= import('./attack.js').then(make);
    void banner?.then((shown) => shown.render(live.summary?.attack ?? [])).catch(() => (banner = null));
  });
}

/** @param {(hash: string) => void} navigate @param {() => void} help @param {boolean} isAdmin @returns {Binding[]} */
function generalKeys(navigate, help, isAdmin) {
  const places = Object.entries(PLACES).filter(([, { keys, isAdmin: only }]) => keys && (isAdmin || !only));
  const ways = places.map(([name, { title, keys = '' }]) => ({ keys: [keys], label: title, group: 'Go to', run: () => navigate(address(name)) }));
  return [
    { keys: ['/'], label: 'Search', group: 'Go to', run: () => navigate(address('search')) },
    ...ways,
    { keys: ['?'], label: 'This overview', group: 'Help', run: help },
  ];
}

/** The session of this browser; null where nobody is signed in. @param {Api} api @returns {Promise<Session | null>} */
async function current(api) {
  try {
    return await api.get('/session', {}, { quiet: true });
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/**
 * Asks for the password over the page whenever a session has ended. All calls that met the end wait for the one
 * dialog. Somebody else who signs in there gets a page of their own.
 * @param {Api} api @param {string} who @param {(session: Session) => void} begun
 */
function renewOver(api, who, begun) {
  /** @type {Promise<void> | null} */
  let asking = null;
  const ask = async () => {
    const { signInOver } = await import('./signin.js');
    const session = await signInOver(api, who);
    await api.begin(session);
    begun(session);
  };
  api.onExpired = () => (asking ??= ask().finally(() => (asking = null)));
}

/** @param {Api} api */
async function signOut(api) {
  try {
    await api.delete('/session', undefined, { quiet: true });
  } catch (error) {
    // Ended already is as good.
    if (!(error instanceof Problem && error.status === 401)) throw error;
  }
  location.replace('/desk');
}

void start();
