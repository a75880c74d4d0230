// What the tests of the moderators' desk share: somebody signed in, and the words for what they do there.

import axe from 'axe-core';

import { openTab, PASSWORD } from './harness.mjs';

/** Signs in behind the page's back, as most tests are not about signing in. */
export async function signIn(page, server, who) {
  const answer = await page.context().request.post(`${server.url}/api/session`, { data: { username: who, password: PASSWORD }, headers: { Origin: server.url } });
  if (!answer.ok()) throw new Error(`${who} cannot sign in: ${await answer.text()}`);
}

/** A tab at the desk with somebody signed in; closed at the end of the test. `isDeaf`: it hears nothing of what others do. */
export async function openDesk(t, browser, server, { who = 'ada', at = '', isDeaf = false, ...options } = {}) {
  const tab = await openTab(browser, { viewport: { width: 1280, height: 800 }, ...options });
  t.after(() => tab.page.context().close());
  await signIn(tab.page, server, who);
  if (isDeaf) await tab.page.route('**/api/moderation/stream*', (route) => route.abort());
  await tab.page.goto(`${server.url}/desk${at}`);
  // Before that, no key is listened to.
  await tab.page.locator('#main > *').first().waitFor();
  return { ...tab, ...words(tab.page) };
}

/** Names for what is on the page. */
export function words(page) {
  return {
    row: (text) => page.locator('.rows .row', { hasText: text }),
    rows: page.locator('.rows .row:not(.skeleton)'),
    title: page.locator('#open-title'),
    open: (text) => page.locator('.rows .row', { hasText: text }).locator('.row-open').click(),
    counted: (place) => page.locator('#side a', { hasText: place }).locator('.count'),
    toast: (text) => page.locator('.toast', { hasText: text }),
    /** Waits until the open comment is the one with this name. */
    isOpen: (name) => page.locator('#open-title', { hasText: name }).waitFor(),
  };
}

/** What axe holds to be serious on the page as it is now. */
export async function serious(page) {
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() => window.axe.run());
  if (passes.length < 10) throw new Error('axe did not look');
  const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return bad.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)]);
}

/** How much wider the page is than the screen. */
export const overflow = (page) => page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.querySelector('main').scrollWidth) - document.documentElement.clientWidth);

/** Comes true once the condition does; asks again and again, as the server answers. */
export async function until(holds) {
  const end = Date.now() + 15_000;
  while (!(await holds())) if (Date.now() > end) throw new Error('It did not come to that.');
}
