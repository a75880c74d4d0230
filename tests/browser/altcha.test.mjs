// The official ALTCHA widget, as npm has it, against our challenges: on a news page of another origin with a
// strict policy, its token is taken from the plain form and from JSON.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { openTab, siteAt, startBrowser, startHost, startServer } from './harness.mjs';

const DIST = fileURLToPath(new URL('node_modules/altcha/dist/', import.meta.url));
const skip = existsSync(DIST) ? false : 'npm has not brought the altcha widget';

let server, browser, host;
before(async () => {
  if (skip) return;
  host = await startHost(answer);
  [server, browser] = await Promise.all([startServer(siteAt(host.url)), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await host?.stop();
});

const FILES = {
  '/altcha.js': ['text/javascript', 'external/altcha.min.js'],
  '/altcha.css': ['text/css', 'external/altcha.css'],
  '/pbkdf2.js': ['text/javascript', 'workers/pbkdf2.js'],
};

async function answer(path) {
  if (path in FILES) return { type: FILES[path][0], body: await readFile(DIST + FILES[path][1]) };
  if (path === '/worker.js') {
    return { type: 'text/javascript', body: "$altcha.algorithms.set('PBKDF2/SHA-256', () => new Worker('/pbkdf2.js'));" };
  }
  if (path !== '/article') return null;
  const page = `${host.url}/article`;
  const policy = `default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src ${server.url}; form-action ${server.url} 'self'`;
  return {
    type: 'text/html',
    headers: { 'Content-Security-Policy': policy },
    body: `<!doctype html><html lang="en"><title>News</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/altcha.css">
<script type="module" src="/altcha.js"></script><script type="module" src="/worker.js"></script>
<form action="${server.url}/comments" method="post">
<textarea name="body"></textarea><input name="name"><input name="email"><input type="hidden" name="page" value="${page}">
<altcha-widget auto="onfocus" challenge="${server.url}/api/captcha/challenge?page=${encodeURIComponent(page)}"></altcha-widget>
<button>Send</button></form>`,
  };
}

/** The article with the form filled in and the widget done. */
async function solved(t, body) {
  const { page, complaints } = await openTab(browser);
  t.after(() => page.context().close());
  await page.goto(`${host.url}/article`);
  for (const [name, text] of Object.entries({ body, name: 'Ada', email: 'ada@example.org' })) await page.locator(`[name=${name}]`).fill(text);
  await page.waitForFunction(() => document.querySelector('input[name=altcha]')?.value);
  return { page, complaints };
}

test('the form with the widget in it is taken as checked', { skip }, async (t) => {
  const { page, complaints } = await solved(t, 'By way of the official widget.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(`${host.url}/article?replydesk=pending#*`);
  assert.equal((await server.waiting('By way of the official widget.')).captcha.outcome, 'pass');
  assert.deepEqual(complaints, []);
});

test("the widget's payload is taken as a token in JSON, once", { skip }, async (t) => {
  const { page } = await solved(t, 'not sent by the form');
  const captcha = await page.locator('input[name=altcha]').inputValue();
  // From the page itself, so that it comes with a browser's headers.
  const post = (body) =>
    page.evaluate(
      async ({ url, comment }) => {
        const answer = await fetch(url, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(comment),
        });
        return { status: answer.status, reason: (await answer.json()).reason };
      },
      {
        url: `${server.url}/api/comments`,
        comment: { page: `${host.url}/article`, name: 'Ada', email: 'ada@example.org', body, captcha },
      },
    );
  assert.equal((await post('The payload as JSON.')).status, 202);
  assert.equal((await server.waiting('The payload as JSON.')).captcha.outcome, 'pass');
  assert.deepEqual(await post('The payload once more.'), { status: 403, reason: 'expired' });
});
