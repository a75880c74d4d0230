// How long a reader's browser works on a challenge, from the first focus to the token, and whether typing stays
// smooth meanwhile. Run it by hand; its figures stand in docs/performance.md.
//
//   node tests/browser/measure.mjs [--challenges 20] [--cores 1,2] [--slow 1,4] [--way workers,page]
//
// --cores: how many cores the whole browser has (taskset) and the page is told of. --slow: Chromium's own throttling of
// the page's main thread. It burns the time that it takes away; on one core WebCrypto's thread, which it leaves alone,
// gets what is left.

import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { openTab, startBrowser, startServer } from './harness.mjs';

const { values } = parseArgs({
  options: {
    challenges: { type: 'string', default: '20' },
    cores: { type: 'string', default: '1,2' },
    slow: { type: 'string', default: '1,4' },
    way: { type: 'string', default: 'workers,page' },
  },
});
const list = (text) => text.split(',').map(Number);
const challenges = Number(values.challenges);

/** The value below which this part of them lies. */
function quantile(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
}

/** All processes of the browsers that this one started. */
function browserProcesses() {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n');
  const all = rows.map((row) => row.trim().split(/\s+/)).map(([pid, parent, name]) => ({ pid: Number(pid), parent: Number(parent), name }));
  const found = [];
  const collect = (parent) => {
    for (const child of all.filter((one) => one.parent === parent && /chrom/.test(one.name))) {
      found.push(child.pid);
      collect(child.pid);
    }
  };
  collect(process.pid);
  return found;
}

/** In the page: solves one challenge, from the first focus on. */
async function solveOne(way) {
  const { Check } = await import('/assets/challenge.js');
  if (way === 'page') {
    globalThis.Worker = class {
      constructor() {
        throw new Error('measured without');
      }
    };
  }
  const check = new Check({ api: '/api', page: '/demo', isWanted: () => false });
  const begun = performance.now();
  const token = await check.token();
  const took = performance.now() - begun;
  if (!token) throw new Error('not solved');
  check.drop();
  return { took, counter: JSON.parse(atob(token)).solution.counter };
}

/** In the page: how late each frame after a keystroke is, in milliseconds, while `busy` runs. */
function watchTyping() {
  const late = [];
  const field = document.getElementById('rd-body');
  field.addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => late.push(performance.now() - timeStamp)));
  globalThis.late = late;
}

async function typing(page, busy, keys = 60) {
  await page.evaluate(watchTyping);
  const work = busy ? page.evaluate(busy.run, busy.with) : null;
  await page.locator('#rd-body').click();
  for (let i = 0; i < keys; i += 1) await page.keyboard.press('x', { delay: 20 });
  const late = await page.evaluate(() => globalThis.late);
  await work;
  return late;
}

/** In the page: a search that finds nothing for some seconds. */
async function keepBusy(way) {
  const { search } = await import('/assets/proof.js');
  const parameters = { algorithm: 'PBKDF2/SHA-256', cost: 5000, keyLength: 32, keyPrefix: 'zz', nonce: '00', salt: '00', expiresAt: 0 };
  const off = new AbortController();
  setTimeout(() => off.abort(), 4000);
  const start = way === 'page' ? null : () => new Worker('/assets/pow-worker.js', { type: 'module' });
  await search(parameters, off.signal, start).catch(() => {});
}

/** Binds every process and thread of the browser to its first cores. */
function bind(processes, cores) {
  for (const pid of processes) execFileSync('taskset', ['-apc', `0-${cores - 1}`, String(pid)]);
}

/** A tab under one condition, which solves one challenge a round. */
async function tab(browser, condition) {
  const { page } = await openTab(browser);
  await page.addInitScript((count) => Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => count }), condition.cores);
  await page.goto(`${server.url}/demo`);
  return { ...condition, page, session: await page.context().newCDPSession(page), measured: [] };
}

const server = await startServer();
const browsers = [];
const tabs = [];
for (const cores of list(values.cores)) {
  const browser = await startBrowser();
  browsers.push(browser);
  for (const slow of list(values.slow)) {
    for (const way of values.way.split(',')) tabs.push(await tab(browser, { cores, slow, way }));
  }
}
// Round by round, so that what else the machine does meets all conditions alike.
for (let round = 0; round < challenges; round += 1) {
  for (const one of tabs) {
    bind(browserProcesses(), one.cores);
    // Only meanwhile: throttling spends the time it takes away, and would take it from the others too.
    await one.session.send('Emulation.setCPUThrottlingRate', { rate: one.slow });
    one.measured.push(await one.page.evaluate(solveOne, one.way));
    await one.session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  }
}
await Promise.all(browsers.map((browser) => browser.close()));

const speed = ({ took, counter }) => counter / (took / 1000);
const typical = ({ measured }) => quantile(measured.map(speed), 0.5);
console.log('| cores | main thread | where | median s | p90 s | tries a second | of the first |\n|---|---|---|---|---|---|---|');
for (const one of tabs) {
  const seconds = one.measured.map(({ took }) => took / 1000);
  const [median, p90] = [0.5, 0.9].map((part) => quantile(seconds, part).toFixed(1));
  const ratio = (typical(one) / typical(tabs[0])).toFixed(2);
  console.log(`| ${one.cores} | ${one.slow === 1 ? 'full' : `1/${one.slow}`} | ${one.way} | ${median} | ${p90} | ${typical(one).toFixed(0)} | ${ratio} |`);
}

console.log('\n| main thread | meanwhile | a frame after a key: median ms | p90 ms | worst ms |\n|---|---|---|---|---|');
const browser = await startBrowser();
for (const slow of list(values.slow)) {
  for (const way of ['nothing', 'workers', 'page']) {
    const { page } = await openTab(browser);
    await page.goto(`${server.url}/demo`);
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slow });
    const late = await typing(page, way === 'nothing' ? null : { run: keepBusy, with: way });
    console.log(`| ${slow === 1 ? 'full' : `1/${slow}`} | ${way} | ${[0.5, 0.9, 1].map((part) => quantile(late, part).toFixed(0)).join(' | ')} |`);
    await page.context().close();
  }
}
await browser.close();
await server.stop();
