// How soon the moderators' desk can be worked with, and how soon a decision shows. Run it by hand on a machine with nothing
// else to do; its figures stand in docs/performance.md.
//
//   REPLYDESK_BIN=… node tests/browser/measure_desk.mjs [--rounds 9] [--slow 1,4] [--waiting 50]
//
// The browser has one core (taskset), the server the other. --slow is Chromium's own throttling of the page's main thread.
// Ready is when the first comment is open and keys are listened to, counted from the start of the navigation.

import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { signIn } from './desk.mjs';
import { openTab, startBrowser, startServer } from './harness.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, slow: { type: 'string', default: '1,4' }, waiting: { type: 'string', default: '50' } },
});
const rounds = Number(values.rounds);

function quantile(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)]);
}

/** Gives the browser and all it starts one core. */
function pin() {
  const rows = execFileSync('ps', ['-eo', 'pid=,comm='], { encoding: 'utf8' }).trim().split('\n');
  for (const [pid, name] of rows.map((row) => row.trim().split(/\s+/))) {
    if (/chrom/.test(name)) execFileSync('taskset', ['-acp', '0', pid], { stdio: 'ignore' });
  }
}

/** In the page, before its own scripts: notes when the first comment stands open. */
function noteReady() {
  addEventListener('DOMContentLoaded', () => {
    const look = new MutationObserver(() => {
      if (!document.querySelector('#open-title')) return;
      look.disconnect();
      requestAnimationFrame(() => setTimeout(() => (globalThis.readyAt = performance.now())));
    });
    look.observe(document.body, { childList: true, subtree: true });
  });
}

/** In the page: from the key to the frame in which the row is gone. */
function noteDecision() {
  addEventListener('keydown', () => {
    const begun = performance.now();
    const before = document.querySelector('#open-title')?.textContent;
    const look = new MutationObserver(() => {
      if (document.querySelector('#open-title')?.textContent === before) return;
      look.disconnect();
      requestAnimationFrame(() => setTimeout(() => (globalThis.decidedIn = performance.now() - begun)));
    });
    look.observe(document.body, { childList: true, subtree: true, characterData: true });
  }, { capture: true, once: true });
}

const [server, browser] = await Promise.all([startServer(), startBrowser()]);
try {
  await server.person('ada');
  for (const n of Array(Number(values.waiting)).keys()) await server.comment({ name: `Reader ${n} of many`, body: `Something about the weather of day ${n}, and what follows from it for the bridge.` });
  console.log('throttled  view     ready ms: median, 90 of 100    a decision shows in ms');
  for (const slow of values.slow.split(',').map(Number)) {
    for (const kind of ['first', 'again']) {
      const ready = [];
      const decided = [];
      let tab;
      for (let round = 0; round < rounds + (kind === 'again' ? 1 : 0); round += 1) {
        if (!tab || kind === 'first') {
          await tab?.page.context().close();
          tab = await openTab(browser, { viewport: { width: 1280, height: 800 } });
          await tab.page.addInitScript(noteReady);
          await signIn(tab.page, server, 'ada');
        }
        const { page } = tab;
        const wire = await page.context().newCDPSession(page);
        await wire.send('Emulation.setCPUThrottlingRate', { rate: slow });
        pin();
        await page.goto('about:blank');
        await page.goto(`${server.url}/desk`);
        await page.waitForFunction(() => globalThis.readyAt);
        if (kind === 'first' || round > 0) ready.push(await page.evaluate(() => globalThis.readyAt));
        if (kind === 'again') {
          await page.evaluate(noteDecision);
          await page.keyboard.press('s');
          await page.waitForFunction(() => globalThis.decidedIn);
          decided.push(await page.evaluate(() => globalThis.decidedIn));
        }
      }
      await tab?.page.context().close();
      const shows = decided.length > 0 ? `${quantile(decided, 0.5)}, ${quantile(decided, 0.9)}` : '';
      console.log(`${String(slow).padEnd(10)} ${kind.padEnd(8)} ${quantile(ready, 0.5)}, ${quantile(ready, 0.9)}`.padEnd(48), shows);
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
