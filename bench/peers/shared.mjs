// What the Node peers have in common: the command line, the prompt, the line of figures at the end.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export const key = 'CANARY-key';

export function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      prompt: { type: 'string', default: '600' },
      stream: { type: 'boolean', default: false },
      cacert: { type: 'string' },
    },
  });
  const [url, requests, inFlight] = positionals;
  if (!inFlight) throw new Error('usage: PEER URL REQUESTS IN_FLIGHT [--prompt BYTES] [--stream] [--cacert FILE]');
  return {
    url: new URL(url),
    requests: Number(requests),
    inFlight: Number(inFlight),
    stream: values.stream,
    trust: values.cacert ? readFileSync(values.cacert) : undefined,
    words: 'some words to fill the prompt with '.repeat(Number(values.prompt) / 35 + 1).slice(0, Number(values.prompt)),
  };
}

// A request whose prompt begins with its number and is as long as `words`.
export function bodyOf(number, words, stream) {
  const begin = `${number} `;
  const asked = { model: 'm', messages: [{ role: 'user', content: begin + words.slice(begin.length) }] };
  if (stream) Object.assign(asked, { stream: true, stream_options: { include_usage: true } });
  return asked;
}

// Asks everything, `limit` deciding when, and prints what was counted.
export async function run({ requests }, limit, ask) {
  const figures = { requests, failed: 0, seconds: 0, chunks: 0, bytes: 0 };
  const began = performance.now();
  const numbers = Array.from({ length: requests }, (_, i) => i + 1);
  await Promise.all(numbers.map((number) => limit(async () => {
    try {
      await ask(number, figures);
    } catch (error) {
      if (figures.failed++ === 0) console.error(error);
    }
  })));
  figures.seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify(figures));
  process.exitCode = figures.failed ? 1 : 0;
}
