// The official client with p-limit, plain or streamed.
import OpenAI from 'openai';
import pLimit from 'p-limit';
import { bodyOf, key, options, run } from './shared.mjs';

const asked = options();
const client = new OpenAI({
  apiKey: key,
  baseURL: asked.url.href.replace(/\/chat\/completions$/, ''),
  maxRetries: 0,
});

async function plain(number, figures) {
  const answer = await client.chat.completions.create(bodyOf(number, asked.words, false));
  figures.bytes += answer.choices[0].message.content.length;
}

async function streamed(number, figures) {
  const chunks = await client.chat.completions.create(bodyOf(number, asked.words, true));
  for await (const chunk of chunks) {
    figures.chunks += 1;
    figures.bytes += chunk.choices[0]?.delta?.content?.length ?? 0;
  }
}

await run(asked, pLimit(asked.inFlight), asked.stream ? streamed : plain);
