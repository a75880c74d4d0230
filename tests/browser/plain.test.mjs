// The comments where no script runs: the browser posts a plain form, the server answers with pages. Leaves pictures.

import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { fill, openTab, reader, siteAt, startBrowser, startHost, startServer } from './harness.mjs';

const AXE = new URL('./node_modules/axe-core/axe.min.js', import.meta.url);
const WIDTHS = [320, 768, 1280];

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const thread = (page, more = '') => `${server.url}/thread?page=${encodeURIComponent(page)}${more}`;

async function open(t, address, options = {}) {
  const { page } = await openTab(browser, { javaScriptEnabled: false, reducedMotion: 'reduce', ...options });
  t.after(() => page.context().close());
  await page.goto(address);
  return page;
}

// By its key: nobody can say whether it stands still for a click where the page runs no script.
const click = (locator) => locator.press('Enter');
const send = (place) => click(place.getByRole('button', { name: 'POST COMMENT' }));

/** An approved comment. */
async function shown(values) {
  const sent = await server.comment(values);
  await server.approve(values.body);
  return sent;
}

test('a comment comes back to its thread, waits, and stands there once approved; so does a reply', async (t) => {
  const page = await open(t, thread('/plain/first'));
  await fill(page, { ...reader, body: 'Sent without a script.' });
  await send(page);
  await page.waitForURL(/\/thread\?page=%2Fplain%2Ffirst&.*replydesk=pending#comment-/);
  await page.getByText('Your comment is awaiting moderation.').waitFor();
  assert.equal((await server.waiting('Sent without a script.')).captcha.outcome, 'missing');
  assert.equal(await page.locator('#rd-thread').getByText('Sent without').count(), 0);

  await server.approve('Sent without a script.');
  await page.goto(thread('/plain/first'));
  const comment = page.locator('.comment', { hasText: 'Sent without a script.' });
  await click(comment.getByRole('link', { name: /^Reply/ }));
  assert.equal(await page.locator('#rd-replying-name').innerText(), reader.name);
  await fill(page, { ...reader, body: 'And this answers it.' });
  await send(page);
  await page.waitForURL(/replydesk=pending/);
  await server.approve('And this answers it.');
  await page.goto(thread('/plain/first'));
  assert.match(await page.locator('#rd-thread > li > ol > li .comment').innerText(), /And this answers it\./);
});

test('the form under an article comes back to the article, and what was sent stands in the thread', async (t) => {
  const page = await open(t, `${server.url}/demo`);
  const values = { name: reader.name, email: reader.email, body: 'From under the article.' };
  for (const [name, text] of Object.entries(values)) await page.locator(`[name="${name}"]`).fill(text);
  await send(page);
  await page.waitForURL(/\/demo\?replydesk=pending#comment-/);
  await page.getByText('Your comment is awaiting moderation.').waitFor();
  await server.approve('From under the article.');
  await click(page.getByRole('link', { name: 'Read the comments' }));
  await page.getByText('From under the article.').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Back to the article' }).getAttribute('href'), '/demo');
});

test('a refused form keeps every typed word and can be sent again, and the way back is kept', async (t) => {
  const page = await open(t, thread('/plain/refused'));
  const typed = { body: '  Two  spaces,\nlines & "quotes" <b>kept</b>', name: 'Zoë & "Co"', email: 'zoe@', url: 'https://zoe.example/?a=1&b=2' };
  await fill(page, typed);
  await send(page);
  await page.getByRole('heading', { name: 'Please check your comment' }).waitFor();
  assert.match(page.url(), /\/comments$/);
  assert.equal(await page.locator('#rd-email-fault').innerText(), 'You have entered an incorrect email address!');
  for (const [name, text] of Object.entries(typed)) assert.equal(await page.locator(`#rd-${name}`).inputValue(), text);
  const back = page.getByRole('link', { name: 'go back to the comments' });
  assert.equal(await back.getAttribute('href'), '/thread?page=%2Fplain%2Frefused&lang=en');

  await fill(page, { email: 'zoe@example.org' });
  await send(page);
  await page.waitForURL(/\/thread\?page=%2Fplain%2Frefused.*replydesk=pending/);
  const { name, email, url } = await server.waiting(typed.body.trim());
  assert.deepEqual({ name, email, url }, { name: typed.name, email: 'zoe@example.org', url: typed.url });
});

test('an empty form names all that is missing, each with a link to its field', async (t) => {
  const page = await open(t, thread('/plain/empty'));
  await send(page);
  await page.getByRole('heading', { name: 'Please check your comment' }).waitFor();
  await page.waitForLoadState();
  const summary = page.getByRole('alert').first();
  const links = await summary.getByRole('link').evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute('href')]));
  assert.deepEqual(links.sort(), [
    ['Please enter your comment!', '#rd-body'],
    ['Please enter your email address here', '#rd-email'],
    ['Please enter your name here', '#rd-name'],
  ]);
});

test('a link to one comment shows it with those it answers, and leads to the whole thread', async (t) => {
  const page = await open(t, thread('/plain/linked'));
  const root = await shown({ page: '/plain/linked', body: 'The root.' });
  const reply = await shown({ page: '/plain/linked', body: 'The reply.', parent: root.id });
  await shown({ page: '/plain/linked', body: 'Another root.' });
  await page.reload();
  await click(page.locator(`#comment-${reply.id} a`, { has: page.locator('time') }));
  await page.waitForURL(new RegExp(`at=${reply.id}#comment-${reply.id}$`));
  assert.equal(await page.locator('[aria-current="true"].comment').getAttribute('id'), `comment-${reply.id}`);
  assert.deepEqual(await page.locator('.words').allInnerTexts(), ['The root.', 'The reply.', 'Another root.']);
  await click(page.getByRole('link', { name: 'Show all comments' }));
  await page.waitForURL(thread('/plain/linked'));
  await click(page.getByRole('link', { name: 'Newest first' }));
  await page.waitForURL(/sort=newest/);
  assert.deepEqual(await page.locator('.words').allInnerTexts(), ['Another root.', 'The root.', 'The reply.']);
});

test('a page of the site shows it in a frame, from the empty form to what waits; a foreign page does not', async (t) => {
  let address = '';
  const frame = () => `<!doctype html><title>An article</title><iframe title="Comments" src="${address}"></iframe>`;
  const [news, evil] = await Promise.all([1, 2].map(() => startHost((at) => at === '/article' && { type: 'text/html', body: frame() })));
  t.after(() => Promise.all([news.stop(), evil.stop()]));
  const desk = await startServer(siteAt(news.url));
  t.after(() => desk.stop());
  address = `${desk.url}/thread?page=${encodeURIComponent(`${news.url}/article`)}`;
  const page = await open(t, `${news.url}/article`);
  const inside = page.frameLocator('iframe');
  await inside.locator('#rd-body').fill('Framed.');
  await send(inside);
  await inside.getByRole('heading', { name: 'Please check your comment' }).waitFor();
  await inside.locator('#rd-name').fill(reader.name);
  await inside.locator('#rd-email').fill(reader.email);
  await send(inside);
  await inside.getByText('Your comment is awaiting moderation.').waitFor();
  await desk.waiting('Framed.');
  assert.equal(page.url(), `${news.url}/article`, 'the article stays where it was');

  const foreign = await open(t, `${evil.url}/article`);
  await foreign.waitForLoadState('load');
  assert.equal(await foreign.frameLocator('iframe').locator('#rd-body').count(), 0);
});

/** Each leads to a page that no script has a part in. */
const VIEWS = {
  empty: () => thread('/plain/nothing'),
  thread: () => thread('/plain/looks'),
  arabic: () => thread('/plain/looks', '&lang=ar'),
  pending: () => thread('/plain/looks', '&replydesk=pending'),
  demo: () => `${server.url}/demo?replydesk=pending`,
};

async function furnish() {
  const page = '/plain/looks';
  let parent = await shown({ page, body: 'The bridge is open again, and I walked across it **twice**.\n\n> The town said oak.\n\nSo oak it is: https://example.org/oak', name: 'Ines Harrow', url: 'https://example.org/' });
  for (const [n, body] of ['I saw you.', 'So did I.', 'And I saw both of you.', 'Nobody saw me.', 'I did.'].entries()) parent = await shown({ page, body, parent: parent.id, name: n % 2 ? 'Tomas' : 'أمل' });
  await shown({ page, body: 'لم أعبره بعد، لكنني سأفعل ذلك يوم السبت.', name: 'أمل' });
  const long = await shown({ page, body: `Averyveryverylongword${'without'.repeat(20)}anend.`, name: `Somebody-with-a-name-${'long'.repeat(12)}` });
  const gone = await shown({ page, body: 'To be removed.' });
  await shown({ page, body: 'An answer that stays.', parent: gone.id });
  await server.decide(gone.id, 'reject');
  await fetch(`${server.url}/api/comments/${long.id}/likes`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
}

test('every page fits 320 pixels, and twice the size on a small window; axe finds nothing serious in light and dark', async (t) => {
  await furnish();
  const axe = await readFile(AXE, 'utf8');
  const pictures = await mkdtemp(path.join(process.env.PICTURES ?? tmpdir(), 'replydesk-plain-'));
  for (const [name, address] of Object.entries(VIEWS)) {
    for (const width of WIDTHS) {
      for (const colorScheme of ['light', 'dark']) {
        // A script is run here, by us; the page's own are kept away.
        const { page } = await openTab(browser, { viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
        t.after(() => page.context().close());
        await page.route('**/*.js*', (route) => route.abort());
        await page.goto(address());
        const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(content <= window, `${name} at ${width}: ${content}`);
        await page.evaluate(axe);
        const found = await page.evaluate(() => globalThis.axe.run());
        const serious = found.violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
        assert.deepEqual(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], `${name} at ${width} in ${colorScheme}`);
        await page.screenshot({ path: path.join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        await page.context().close();
      }
    }
  }
  t.diagnostic(`pictures in ${pictures}`);
});
