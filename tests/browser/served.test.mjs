// What is served of our scripts against what is written: only comments may be gone, and what is joined must be a module.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { startServer } from './harness.mjs';

const STATIC = fileURLToPath(new URL('../../web/static/', import.meta.url));
/** Files that are served joined with what they import. */
const JOINED = ['form.js'];
const run = promisify(execFile);

/** Bytes that the widget and its style sheet may take over the wire. */
const MOST_BYTES = 12 * 1024;

/** Node's own parser, asked in a process of its own, writes each token of each file on a line. */
const TOKENS = `
  const { tokenizer } = require('internal/deps/acorn/acorn/dist/acorn');
  const { readFileSync } = require('fs');
  for (const file of process.argv.slice(1)) {
    const tokens = [...tokenizer(readFileSync(file, 'utf8'), { ecmaVersion: 'latest', sourceType: 'module' })];
    const value = ({ value }) => (value instanceof RegExp ? String(value) : value?.pattern ?? value);
    console.log(JSON.stringify(tokens.map((token) => [token.type.label, value(token)])));
  }`;

let server, folder;
before(async () => {
  [server, folder] = await Promise.all([startServer(), mkdtemp(path.join(tmpdir(), 'replydesk-served-'))]);
});
after(async () => {
  await server?.stop();
  if (folder) await rm(folder, { recursive: true });
});

async function fetched(address) {
  const answer = await fetch(`${server.url}${address}`);
  assert.equal(answer.status, 200, address);
  return answer.text();
}

async function tokensOf(files) {
  const { stdout } = await run(process.execPath, ['--expose-internals', '-e', TOKENS, ...files], { maxBuffer: 2 ** 28 });
  return stdout.trim().split('\n');
}

test('every module is served with every token that it is written with', async () => {
  const names = (await readdir(STATIC, { recursive: true })).filter((name) => name.endsWith('.js') && !JOINED.includes(name));
  const served = names.map((name) => path.join(folder, `${name.replaceAll('/', '-')}`));
  for (const [index, name] of names.entries()) await writeFile(served[index], await fetched(`/assets/${name}`));
  const [ours, theirs] = await Promise.all([tokensOf(names.map((name) => path.join(STATIC, name))), tokensOf(served)]);
  assert.ok(names.length > 60, `${names.length} modules`);
  for (const [index, name] of names.entries()) {
    assert.equal(theirs[index], ours[index], name);
    const [before, now] = [(await readFile(path.join(STATIC, name), 'utf8')).length, (await readFile(served[index], 'utf8')).length];
    assert.ok(now < before, `${name} is as long as before`);
  }
});

test('what is joined is a module: it parses, and no two names at its top are alike', async () => {
  for (const address of ['/embed.js', '/embed-later.js', '/assets/form.js']) {
    const file = path.join(folder, `${path.basename(address, '.js')}.mjs`);
    await writeFile(file, await fetched(address));
    await run(process.execPath, ['--check', file]);
  }
});

test('what is loaded later exports what its first module does', async () => {
  const exported = (text) => [...text.matchAll(/^export (?:async )?(?:function|class|const) (\w+)/gm)].map(([, name]) => name);
  const names = exported(await readFile(path.join(STATIC, 'embed/later.js'), 'utf8'));
  assert.ok(names.length > 0);
  assert.deepEqual(exported(await fetched('/embed-later.js')), names);
});

test('the widget and its style sheet are light', async (t) => {
  const headers = { 'Accept-Encoding': 'br' };
  const sizes = await Promise.all(['/embed.js', '/embed.css'].map(async (address) => Number((await fetch(`${server.url}${address}`, { headers })).headers.get('content-length'))));
  t.diagnostic(`${sizes.join(' and ')} bytes`);
  assert.ok(sizes.every((size) => size > 1000) && sizes[0] + sizes[1] <= MOST_BYTES, `${sizes}`);
});
