// How long the widget takes from the answer to comments that are seen, and whether a long page scrolls smoothly. Run it by
// hand; its figures stand in docs/performance.md. For one core, start it under `taskset -c 0`.
//
//   node tests/browser/measure_embed.mjs [--comments 50] [--runs 15] [--slow 4] [--scroll 1000]
//
// --slow: Chromium's own throttling of the page's main thread. --scroll: how many comments the page has that is scrolled.

import { parseArgs } from 'node:util';

import { openTab, startBrowser, startServer } from './harness.mjs';

const { values } = parseArgs({
  options: {
    comments: { type: 'string', default: '50' },
    runs: { type: 'string', default: '15' },
    slow: { type: 'string', default: '4' },
    scroll: { type: 'string', default: '1000' },
  },
});
const [slow, runs] = [Number(values.slow), Number(values.runs)];

const SENTENCES = [
  '<p>I crossed it on the first day. <em>Beautiful</em> work, and the oak smells of rain.</p>',
  '<p>What did it cost in the end?</p><p>The council said <strong>240,000</strong>, see <a href="https://council.example/minutes" rel="nofollow ugc noopener">the minutes</a>.</p>',
  '<blockquote><p>What did it cost?</p></blockquote><p>Too much &amp; too late. It&#39;s done.</p>',
  '<p>We should thank the carpenters:</p><ul><li>Ann</li><li>Bill</li></ul>',
  '<p>My grandmother remembers the old one. <code>1911</code> it says on the stone, and she was there when the first cart went over it, with her own mother, who had baked for the whole village.</p>',
];

/** So many comments as the server tells them: one in three begins a thread, the others answer. */
function made(n) {
  const ids = Array.from({ length: n }, (_, i) => `019a0000-0000-7000-8000-${String(i).padStart(12, '0')}`);
  return ids.map((id, i) => {
    const depth = i % 3;
    return {
      id,
      parent: depth ? ids[i - 1] : null,
      depth,
      name: `Reader ${i}`,
      url: i % 5 ? null : 'https://reader.example',
      html: SENTENCES[i % SENTENCES.length],
      created_at: new Date(Date.UTC(2026, 9, 1, 0, i)).toISOString(),
      edited_at: i % 11 ? null : new Date(Date.UTC(2026, 9, 2)).toISOString(),
      likes: i % 7,
      by_staff: i % 13 === 0,
    };
  });
}

const stretch = (comments) => ({ page: { url: 'x', title: 'Bridge', closed: false }, total: comments.length, comments, next_cursor: null });
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** In the page, before all else: notes when the answer is there, when its nodes are, and when they have been painted. */
function watch() {
  const times = (globalThis.times = {});
  const ask = fetch;
  // Made beforehand, since that costs more than what is measured.
  const after = new MessageChannel();
  after.port1.onmessage = () => (times.painted = performance.now());
  requestAnimationFrame(() => {});
  globalThis.fetch = async (...order) => {
    const answer = await ask(...order);
    if (!/\/api\/comments\?/.test(String(order[0]))) return answer;
    const text = await answer.text();
    times.answer ??= performance.now();
    return new Response(text, { status: answer.status });
  };
  addEventListener('replydesk:ready', () => {
    times.nodes = performance.now();
    requestAnimationFrame(() => after.port2.postMessage(null));
  });
}

/** In the page: the time between frames while it scrolls from top to end. */
async function scrollDown() {
  const frames = [];
  let last = performance.now();
  for (let y = 0; y < document.documentElement.scrollHeight - innerHeight; y += 160) {
    scrollTo(0, y);
    await new Promise((next) => requestAnimationFrame(next));
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  frames.sort((a, b) => a - b);
  return { n: frames.length, half: frames[frames.length >> 1], p95: frames[Math.floor(frames.length * 0.95)], worst: frames.at(-1) };
}

async function open(tab, server, n) {
  const { page } = tab;
  const article = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Bridge</title><script type="module" src="/embed.js"></script><body><h1>Bridge</h1><reply-desk page="/article" limit="200"></reply-desk>';
  await page.addInitScript(watch);
  await page.route('**/article', (route) => route.fulfill({ contentType: 'text/html', body: article }));
  await page.route('**/api/comments?*', async (route) => {
    // Everything else that is needed should be here first: the answer alone is measured.
    await new Promise((later) => setTimeout(later, 1500));
    await route.fulfill({ json: stretch(made(n)) });
  });
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slow });
  await page.goto(`${server.url}/article`);
  await page.waitForFunction(() => globalThis.times.painted);
  return page.evaluate(() => globalThis.times);
}

const server = await startServer();
const browser = await startBrowser();
try {
  const [nodes, painted] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    const tab = await openTab(browser, { viewport: { width: 1280, height: 800 } });
    const times = await open(tab, server, Number(values.comments));
    nodes.push(times.nodes - times.answer);
    painted.push(times.painted - times.answer);
    await tab.page.context().close();
  }
  const told = (numbers) => `median ${median(numbers).toFixed(1)} ms, worst ${Math.max(...numbers).toFixed(1)} ms`;
  console.log(`${values.comments} comments, ${slow} times slowed, ${runs} runs`);
  console.log(`answer to nodes in place: ${told(nodes)}`);
  console.log(`answer to painted: ${told(painted)}`);
  const tab = await openTab(browser, { viewport: { width: 1280, height: 800 } });
  await open(tab, server, Number(values.scroll));
  const frames = await tab.page.evaluate(scrollDown);
  console.log(`${values.scroll} comments scrolled in ${frames.n} frames: half of them within ${frames.half.toFixed(1)} ms, 95 % within ${frames.p95.toFixed(1)} ms, worst ${frames.worst.toFixed(1)} ms`);
} finally {
  await browser.close();
  await server.stop();
}
