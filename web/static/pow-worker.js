// One worker's share of a proof of work. Says `{isReady}` as it starts; told `{parameters, start, step}`,
// says `{solution}` or `{failure}`.

import { solve } from './pow.js';

addEventListener('message', async ({ data }) => {
  try {
    postMessage({ solution: await solve(data.parameters, data) });
  } catch (failure) {
    postMessage({ failure: String(failure) });
  }
});
postMessage({ isReady: true });
