// The pictures of the manual: a desk with a morning's comments, and the comments under an article as readers see them, shown
// in Chromium. Run by scripts/pictures.
// Usage: node pictures.mjs FOLDER

import path from 'node:path';

import { signIn } from './desk.mjs';
import { startPast } from './desk_past.mjs';
import { openTab, startBrowser } from './harness.mjs';

const BRIDGE = { page: '/demo', title: 'The old footbridge closes for the winter' };
const LAMPS = { page: '/lamps', title: 'New street lamps for the market square' };

/** [page, name, text, captcha score, decision] in the order they came. */
const PAST = [
  [BRIDGE, 'Marit Solheim', 'My grandfather helped to build it. I walked over it to school for nine years.', 0.9, 'approve'],
  [BRIDGE, 'T. Okafor', 'When does the council meet next? The notice on the gate gives no date.', 0.8, 'approve'],
  [LAMPS, 'Ines Duarte', 'The lamps are fine. The bill is not. Who signed for the second one?', 0.9, 'approve'],
  [LAMPS, 'Deals4U', 'Best prices for watches and bags http://deals.example/w http://deals.example/b click now!!!', 0.4, 'spam'],
  [BRIDGE, 'casino-royal', 'FREE BONUS for new players http://casino.example http://casino.example/bonus', 0.5, 'spam'],
  [LAMPS, 'Angry of Mill Lane', 'Everybody in that office is a crook and a fool, and you print their lies.', 0.7, 'reject'],
  [BRIDGE, 'Jonas Weber', 'Is there a way round for bicycles? The road bridge has no path.', 0.8, 'approve'],
  [LAMPS, 'pills online', 'cheap pills no prescription http://pills.example/a http://pills.example/c', 0.35, 'spam'],
];
const WAITING = [
  [BRIDGE, 'Cleo Marchetti', 'The bridge should stay open. I crossed it twice this week and there was nobody else on it, which is what a footbridge in winter is *for*.', 0.57],
  [BRIDGE, 'Hanna Lindqvist', 'Twenty-one signatures against it hang in the bakery. Come and make it twenty-two.', 0.55],
  [LAMPS, 'Leo B.', 'Nice lamps. Watches at half price all week in my shop, see https://bit.ly/leo — tell them Leo sent you.', 0.55],
  [LAMPS, 'R. Achterberg', 'They are far too bright. My bedroom is lit like a shop window until one in the morning.', 0.5],
  [BRIDGE, 'Paul', 'Who pays for the diversion signs?', 0.52],
];
const FLOOD = 'Win a brand new telephone today, only for readers of this page, see http://prize.example/today';

async function fill(past) {
  const send = ([page, name, body, score], url) => past.comment({ ...page, name, body, score, url });
  for (const row of PAST) await past.decide((await send(row)).id, row[4]);
  for (const row of WAITING) await send(row, row[1] === 'Leo B.' ? 'https://leo.example/' : undefined);
  for (const n of Array(14).keys()) await past.comment({ ...LAMPS, name: `Lucky reader ${n + 1}`, body: `${FLOOD} ${n}`, score: 0.5 });
  await past.refused(0.1);
}

/** [file, address of the view, what to do before the picture, options of the tab] */
const VIEWS = [
  ['desk', '#/waiting?order=risk', (page) => page.locator('.row', { hasText: 'Leo B.' }).locator('.row-open').click()],
  ['desk-dark', '#/waiting', (page) => page.locator('.row', { hasText: 'Cleo' }).locator('.row-open').click(), { colorScheme: 'dark' }],
  ['desk-phone', '#/waiting?order=newest', (page) => page.locator('.row').nth(1).waitFor(), { viewport: { width: 360, height: 720 } }],
  ['desk-ban', '#/waiting', ban],
  ['desk-thresholds', '#/lab?reject_below=0.48&spam_at=0.7', (page) => page.locator('.fates .moved').first().waitFor(), { viewport: { width: 1280, height: 1000 } }],
];

/** Readers answer each other, and the newsroom one of them. */
async function talk(past) {
  const say = async (name, body, parent) => {
    const { id } = await past.comment({ ...BRIDGE, name, body, parent, score: 0.9 });
    await past.decide(id, 'approve');
    return id;
  };
  const asked = await say('Kemal Aydin', 'Will the lamps stay on after midnight? I come home from the late shift over it.');
  const told = await (await past.as('ada'))(`/comments/${asked}/reply`, { body: 'The county says: until the last train, which is at *00:40*. We have asked about the night shift as well.' });
  await say('Kemal Aydin', 'Thank you. That is all I wanted to know.', told.id);
  await say('Berit Nygård', '> home from the late shift\n\nTake the mill side, it is lit all night.', asked);
}

/** What readers see under the article: [file, how much of the form is seen above the comments, options of the tab]. */
const READERS = [
  ['demo', 420, { viewport: { width: 1280, height: 1150 } }],
  ['widget-dark', 160, { viewport: { width: 760, height: 820 }, colorScheme: 'dark' }],
  ['widget-phone', 90, { viewport: { width: 360, height: 720 } }],
];

/** @param {import('playwright-core').Page} page @param {number} above pixels */
async function underTheArticle(page, above) {
  await page.locator('reply-desk .comment').nth(3).waitFor();
  const place = () => page.locator('reply-desk').evaluate((element, above) => scrollTo({ top: element.shadowRoot.querySelector('.thread').getBoundingClientRect().top + scrollY - above, behavior: 'instant' }), above);
  await place();
  // Right after drawing, heights are guesses.
  await page.waitForFunction(() => !document.querySelector('reply-desk').shadowRoot.querySelector('.quick'));
  await place();
}

async function ban(page) {
  await page.locator('.row', { hasText: 'Leo B.' }).locator('.row-open').click();
  await page.locator('#open-title', { hasText: 'Leo B.' }).waitFor();
  await page.keyboard.press('b');
  await page.getByRole('dialog').getByText('it would have met').first().waitFor();
}

const folder = process.argv[2];
if (!folder) throw new Error('Usage: node pictures.mjs FOLDER');
const [past, browser] = await Promise.all([startPast('[scoring]\nspam_at = 0.995'), startBrowser()]);
try {
  await past.person('ada', 'admin');
  await past.person('ben');
  await fill(past);
  await talk(past);
  for (const [name, above, options] of READERS) {
    const { page } = await openTab(browser, { colorScheme: 'light', ...options });
    await page.goto(`${past.url}/demo`);
    await underTheArticle(page, above);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
    await page.context().close();
  }
  for (const [name, view, act, options] of VIEWS) {
    const { page } = await openTab(browser, { viewport: { width: 1280, height: 800 }, colorScheme: 'light', ...options });
    await signIn(page, past, 'ada');
    await page.goto(`${past.url}/desk${view}`);
    await act(page);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
    await page.context().close();
  }
} finally {
  await browser.close();
  await past.stop();
}
