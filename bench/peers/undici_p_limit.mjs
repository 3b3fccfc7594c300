// undici, which is what Node's fetch stands on, with p-limit.
import pLimit from 'p-limit';
import { Pool } from 'undici';
import { bodyOf, key, options, run } from './shared.mjs';

const asked = options();
const pool = new Pool(asked.url.origin, {
  connections: asked.inFlight,
  connect: asked.trust ? { ca: asked.trust } : undefined,
});
const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };

await run(asked, pLimit(asked.inFlight), async (number, figures) => {
  const { statusCode, body } = await pool.request({
    path: asked.url.pathname,
    method: 'POST',
    headers,
    body: JSON.stringify(bodyOf(number, asked.words, asked.stream)),
  });
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  figures.bytes += (await body.arrayBuffer()).byteLength;
});
await pool.close();
