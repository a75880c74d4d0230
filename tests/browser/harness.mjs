// What every browser test needs: the built program with a store of its own, a moderator's token, a browser.
// A server listens on a free port and says which; nothing here waits for time to pass.

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BINARY = path.resolve(ROOT, process.env.REPLYDESK_BIN ?? 'target/debug/replydesk');
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** A browser that does not say it is driven, as readers' do not. */
const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
/** The proof of work takes seconds on a busy machine. */
export const PATIENCE = 60_000;

/** All tests come from one address, which the shipped limits would stop. */
const SETTINGS = `
[server]
listen = "127.0.0.1:0"
[limits]
per_ip = []
per_network = []
without_token = []
without_token_network = []
challenge = []
`;

/** A running server; `settings` is TOML that follows the harness's own. */
export async function startServer(settings = '') {
  const folder = await mkdtemp(path.join(tmpdir(), 'replydesk-browser-'));
  const config = path.join(folder, 'replydesk.toml');
  await writeFile(config, `${SETTINGS}\n[store]\nurl = "sqlite:${path.join(folder, 'replydesk.db')}"\n${settings}`);
  const child = spawn(BINARY, ['--config', config, '--log', 'warn', 'serve'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = await firstAddress(child);
  const run = (words, input) => command(['--config', config, ...words], input);
  const token = (await run(['token', 'create', 'browser', '--scope', 'decide'])).trim();
  return new Server(url, token, run, async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  });
}

/** The address that the server says it listens on. */
function firstAddress(child) {
  return new Promise((resolve, reject) => {
    const said = [];
    child.once('error', reject);
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      const address = /listens on (http:\/\/\S+)/.exec(line)?.[1];
      if (address) resolve(address);
    });
    child.once('close', () => reject(new Error(`The server ended:\n${said.join('\n')}`)));
  });
}

/** What a command of the program prints; `input` is what it is told. */
function command(words, input = '') {
  return new Promise((resolve, reject) => {
    const child = execFile(BINARY, words, (fault, out, err) => (fault ? reject(new Error(`${fault.message}\n${err}`)) : resolve(out)));
    // A command that reads nothing may be gone before it is told.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Of every person in the tests. */
export const PASSWORD = 'a few words of their own';

class Server {
  #token;
  #run;
  #sent = 0;

  constructor(url, token, run, stop) {
    this.url = url;
    this.#token = token;
    this.#run = run;
    this.stop = stop;
  }

  /** Somebody who may sign in; `more` are further words of the command. */
  async person(name, role = 'moderator', ...more) {
    await this.#run(['moderator', 'add', name, '--role', role, '--password-stdin', ...more], PASSWORD);
  }

  /** Sends a comment as a reader's browser without a captcha does, so that it waits; each from an address of its own. */
  async comment(values) {
    this.#sent += 1;
    const sent = { page: '/demo', name: `Reader ${this.#sent}`, email: `reader-${this.#sent}@example.org`, ...values };
    const answer = await fetch(`${this.url}/api/comments`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: new URL(sent.page, this.url).origin }, body: JSON.stringify(sent) });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return { ...sent, ...(await answer.json()) };
  }

  /** One comment as moderators see it. */
  see(id) {
    return this.#ask(`/comments/${id}`);
  }

  async #ask(route, options = {}) {
    const headers = { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${this.url}/api/moderation${route}`, { headers, ...options });
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }

  /** The waiting comment with exactly this text; none is an error. */
  async waiting(text) {
    const { items } = await this.#ask('/comments?status=pending&limit=200');
    const found = items.filter(({ body }) => body === text);
    if (found.length !== 1) throw new Error(`${found.length} waiting comments say ${JSON.stringify(text)}`);
    return found[0];
  }

  async approve(text) {
    const { id, version } = await this.waiting(text);
    return this.decide(id, 'approve', version);
  }

  /** As the token `browser`, 500 at once. */
  async approveAll(ids) {
    for (let from = 0; from < ids.length; from += 500) {
      const decisions = ids.slice(from, from + 500).map((id) => ({ id, action: 'approve' }));
      const { results } = await this.#ask('/decisions', { method: 'POST', body: JSON.stringify({ decisions }) });
      const refused = results.filter(({ outcome }) => !['applied', 'unchanged'].includes(outcome));
      if (refused.length > 0) throw new Error(`not approved: ${JSON.stringify(refused)}`);
    }
  }

  /** Where everything is held. */
  async held() {
    return (await this.#ask('/attack?limit=200')).items;
  }

  /** Ends that, as the token `browser`. */
  async unhold({ site, page }) {
    await this.#ask(`/attack?${new URLSearchParams(page === null ? { site } : { site, page })}`, { method: 'DELETE' });
  }

  /** Holds everything there, as the token `browser`. */
  hold(place) {
    return this.#ask('/attack', { method: 'PUT', body: JSON.stringify(place) });
  }

  /** As the token `browser`. */
  decide(id, action, version) {
    return this.#ask(`/comments/${id}/decision`, { method: 'POST', body: JSON.stringify({ action, version }) });
  }
}

/** `more` are switches of Chromium; `without` are those of Playwright's own to leave out. */
export async function startBrowser({ more = [], without = [] } = {}) {
  const executablePath = process.env.CHROMIUM ?? BROWSERS.find(existsSync);
  if (!executablePath) throw new Error('There is no Chromium; name one in CHROMIUM.');
  return chromium.launch({ executablePath, args: [...FLAGS, ...more], ignoreDefaultArgs: without });
}

/**
 * A news site of its own beside the server, at another origin (`localhost`, where the server is at 127.0.0.1).
 * `answer` gives for a path and its query `{type, body, headers?, status?}`, or nothing, which is 404; a function so that
 * it may name a server that is started later.
 */
export async function startHost(answer) {
  const host = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const found = await answer(pathname, searchParams);
    response.writeHead(found ? (found.status ?? 200) : 404, { 'Content-Type': found?.type ?? 'text/plain', ...found?.headers });
    response.end(found?.body);
  });
  await new Promise((listening) => host.listen(0, 'localhost', listening));
  const stop = () => {
    host.closeAllConnections();
    return new Promise((closed) => host.close(closed));
  };
  return { url: `http://localhost:${host.address().port}`, stop };
}

/** Settings of a server whose one site is this origin. */
export const siteAt = (origin) => `
[[site]]
id = "news"
origins = ["${origin}"]
`;

/** A tab of its own, with everything the page complained of in `complaints`. */
export async function openTab(browser, options = {}) {
  const context = await browser.newContext({ userAgent: USER_AGENT, locale: 'en', ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints };
}

/** Types into the form's fields by their names. */
export async function fill(page, values) {
  for (const [name, text] of Object.entries(values)) await page.locator(`#rd-${name}`).fill(text);
}

export const reader = { name: 'Ada Reader', email: 'ada@example.org' };
