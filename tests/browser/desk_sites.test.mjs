// A desk over several sites, and a moderator who has but one of them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openDesk } from './desk.mjs';
import { startBrowser, startServer } from './harness.mjs';

const SITES = `
[[site]]
id = "news"
origins = ["https://news.example"]
[[site]]
id = "blog"
origins = ["https://blog.example"]
`;

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(SITES), startBrowser()]);
  await server.person('ada', 'admin');
  await server.person('ben', 'moderator', '--site', 'blog');
  await server.comment({ page: 'https://news.example/a', name: 'Nina', body: 'The bridge should stay open.' });
  await server.comment({ page: 'https://blog.example/b', name: 'Bert', body: 'Who pays for the new lamps?' });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('the queue narrows to one site, and a comment says where it stands', async (t) => {
  const desk = await openDesk(t, browser, server);
  await desk.isOpen('Nina');
  assert.equal(await desk.rows.count(), 2);
  assert.equal(await desk.page.locator('.facts').getByRole('link', { name: 'news.example/a' }).getAttribute('href'), 'https://news.example/a');
  await desk.page.getByLabel('Site').selectOption('blog');
  await desk.isOpen('Bert');
  assert.equal(await desk.rows.count(), 1);
  assert.match(desk.page.url(), /site=blog/);
});

test('a moderator of one site sees that one alone, and is offered no other', async (t) => {
  const desk = await openDesk(t, browser, server, { who: 'ben' });
  await desk.isOpen('Bert');
  assert.equal(await desk.rows.count(), 1);
  assert.equal(await desk.page.getByLabel('Site', { exact: true }).count(), 0);
  await desk.counted('Waiting').getByText('1', { exact: true }).waitFor();
  await desk.page.keyboard.press('b');
  const where = desk.page.getByRole('dialog').getByLabel('Where');
  await where.waitFor();
  assert.deepEqual(await where.locator('option').allTextContents(), ['blog']);
});
