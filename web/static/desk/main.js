// The way in: who is it, then the frame, then the view that the address names. The first stretch of the queue is
// asked for beside the session, not after it.

import { Api, inWords } from './api.js';
import { Decider } from './decide.js';
import { confirm } from './dialog.js';
import { announce, fill, h, keepTimes } from './dom.js';
import { listen } from './keys.js';
import { Live } from './live.js';
import { Frame } from './nav.js';
import { Router } from './router.js';
import { address, PLACES } from './routes.js';
import { current, renewOver, signOut } from './session.js';
import { toast } from './toast.js';

/** @import { Binding, Context, Route, Session } from './types.js' */

const place = document.getElementById('desk') ?? document.body;

async function start() {
  const api = new Api();
  const invitation = /^#invitation=([\w.~-]+)$/.exec(location.hash)?.[1] ?? null;
  try {
    const session = (invitation ? null : await current(api)) ?? (await signedIn(api, invitation));
    open(api, session, await sitesOf(api, session));
  } catch (error) {
    const again = h('button', { type: 'button', class: 'button', onclick: () => location.reload() }, 'Try again');
    fill(place, h('main', { class: 'alone', id: 'main' }, h('h1', null, 'The desk cannot be opened'), h('p', null, inWords(error)), h('p', { class: 'buttons' }, again)));
  }
}

/** @param {Api} api @param {string | null} invitation */
async function signedIn(api, invitation) {
  const { signInPage } = await import('./signin.js');
  const session = await signInPage(place, api, invitation);
  if (invitation) history.replaceState(null, '', '/desk');
  return session;
}

/** The sites this person works on; a server that does not tell has one for all it matters. @param {Api} api @param {Session} session @returns {Promise<string[]>} */
async function sitesOf(api, session) {
  if (session.sites) return session.sites;
  const { items } = await api.get('/moderation/sites', {}, { quiet: true }).catch(() => ({ items: [] }));
  return items.map((/** @type {{id: string}} */ { id }) => id);
}

/** @param {Api} api @param {Session} session @param {readonly string[]} sites */
function open(api, session, sites) {
  api.csrf = session.csrf_token;
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
      api, session, live, decider, sites, confirm, announce, toast, navigate, query, route: name, params: { id },
      isAdmin: session.role === 'admin',
      replace: (hash) => history.replaceState(history.state, '', hash),
    };
    return made;
  };
  const router = new Router(frame.main, context, (route, keys) => {
    viewKeys = keys;
    frame.at(route);
  });
  const general = generalKeys(navigate, help, session.role === 'admin');
  renewOver(api, () => session, (begun) => {
    session = begun;
    api.csrf = begun.csrf_token;
    live.again();
  });
  live.on('summary', (summary) => frame.counts(summary));
  live.on('state', (state) => frame.state(state));
  live.on('bye', () => void api.get('/session').catch(() => {}));
  fill(place, frame.element);
  live.start();
  keepTimes();
  listen(bindings);
  void router.start();
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

void start();
