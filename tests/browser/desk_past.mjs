// A desk with a past: a server whose captcha scores are what the tests want them to be, and comments that came,
// waited, were decided on and were refused.

import { createServer } from 'node:http';

import { PASSWORD, startServer } from './harness.mjs';

/** A captcha provider that gives the score which the token names. */
async function startProvider() {
  const provider = createServer(async (request, response) => {
    let sent = '';
    for await (const piece of request) sent += piece;
    const score = Number.parseFloat(new URLSearchParams(sent).get('response'));
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ success: true, score, action: 'comment', hostname: '127.0.0.1', challenge_ts: new Date().toISOString() }));
  });
  await new Promise((listening) => provider.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${provider.address().port}/verify`, stop: () => new Promise((closed) => provider.close(closed)) };
}

/** A server in mode `post`; `score` of a comment is what its captcha comes to. */
export async function startPast(settings = '') {
  const provider = await startProvider();
  const server = await startServer(`
[captcha]
provider = "siteverify"
site_key = "tests"
secret = "tests"
verify_url = "${provider.url}"
[moderation]
mode = "post"
${settings}`);
  let sent = 0;
  const token = (score) => `${score}/${(sent += 1)}`;
  return {
    url: server.url,
    person: (...given) => server.person(...given),
    comment: ({ score = 0.9, ...values }) => server.comment({ ...values, captcha: token(score) }),
    decide: (id, action) => server.decide(id, action),
    /** What creates things in the name of somebody, behind the page's back. */
    as: (name) => creator(server.url, name),
    /** What a reader is told whom the captcha refuses. */
    refused: async (score) => {
      const values = { page: '/demo', name: 'Rita', email: `rita-${sent}@example.org`, body: `Is this thing on? ${sent}`, captcha: token(score) };
      const answer = await fetch(`${server.url}/api/comments`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: server.url }, body: JSON.stringify(values) });
      if (answer.status !== 403) throw new Error(`${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    stop: async () => {
      await server.stop();
      await provider.stop();
    },
  };
}

async function creator(url, name) {
  const send = (route, body, more = {}) => fetch(`${url}/api${route}`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: url, ...more }, body: JSON.stringify(body) });
  const opened = await send('/session', { username: name, password: PASSWORD });
  const who = { Cookie: opened.headers.get('set-cookie').split(';')[0], 'X-CSRF-Token': (await opened.json()).csrf_token };
  return async (route, body) => {
    const answer = await send(`/moderation${route}`, body, who);
    if (answer.status !== 201) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
}

/** Comments of all kinds, and what became of them: enough for every threshold to meet some. */
export async function fillPast(past) {
  const good = ['The bridge was built by my grandfather.', 'When does the council meet next?', 'I miss the old ferry, to be honest.', 'Well written, thank you.', 'The photo shows the wrong river.'];
  for (const [at, body] of good.entries()) await past.decide((await past.comment({ body, score: 0.5 + at / 10, name: `Good ${at}` })).id, 'approve');
  const bad = ['Buy cheap pills at http://pills.example/a and http://pills.example/b', 'CASINO bonus!!! http://casino.example http://casino.example/x', 'Earn money at home http://money.example now'];
  for (const [at, body] of bad.entries()) await past.decide((await past.comment({ body, score: 0.35 + at / 10, name: `Bad ${at}` })).id, 'spam');
  await past.decide((await past.comment({ body: 'You are all fools and the mayor is the worst.', score: 0.7, name: 'Angry' })).id, 'reject');
  for (const body of ['Does anybody know who paid for it?', 'It will be closed for two years, they say.']) await past.comment({ body, score: 0.45, name: 'Waiting' });
  return past.refused(0.1);
}
