// The clients of the AI SDK, which check answers by schemas: one code for four APIs. The name of the
// API follows the server's address.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { embedMany, generateObject, generateText, jsonSchema, streamText, tool as tool_of } from "ai";
import { asks, root, schema, tell, tool } from "./facts.mjs";

const api = process.argv[3];
const apiKey = "none";
const openai = createOpenAI({ apiKey, baseURL: `${root}/v1` });
const google = createGoogleGenerativeAI({ apiKey, baseURL: `${root}/v1beta` });
const model = {
  openai: () => openai.chat("m"),
  responses: () => openai.responses("m"),
  anthropic: () => createAnthropic({ apiKey, baseURL: `${root}/v1` })("m"),
  gemini: () => google("m"),
}[api]();

const say = (prompt, more = {}) => ({ model, prompt, maxRetries: 0, maxOutputTokens: 64, ...more });
const tools = { [tool.name]: tool_of({ description: tool.description, inputSchema: jsonSchema(schema) }) };
const called = { tools, toolChoice: "required" };

const facts_of = async (result) => ({
  text: await result.text,
  reason: await result.finishReason,
  usage: [(await result.usage).inputTokens, (await result.usage).outputTokens],
});
const call_of = async (result) => {
  const [{ toolName, input }] = await result.toolCalls;
  return { name: toolName, arguments: input, reason: await result.finishReason };
};
// An error in a stream is told to `onError`; the promises may fail for another reason, or not at all.
const streamed = async (use, ...asked) => {
  let told = null;
  const result = streamText({ ...say(...asked), onError: ({ error }) => { told ??= error; } });
  const found = await use(result).catch((error) => { throw told ?? error; });
  if (told) throw told;
  return found;
};
const fails = (status) => generateText(say(asks.error(status)));

await tell({
  chat: async () => facts_of(await generateText(say(asks.text))),
  stream: () => streamed(facts_of, asks.text),
  tools: async () => call_of(await generateText(say(asks.json, called))),
  tools_stream: () => streamed(call_of, asks.json, called),
  structured: async () => (await generateObject({ ...say(asks.json), schema: jsonSchema(schema) })).object,
  ...(api !== "anthropic" && {
    embeddings: async () => {
      const embedder = (api === "gemini" ? google : openai).textEmbeddingModel("m");
      const { embeddings } = await embedMany({ model: embedder, values: ["one", "two"], maxRetries: 0 });
      return embeddings.map((one) => one.length);
    },
  }),
  error_401: () => fails(401),
  error_429: () => fails(429),
  error_500: () => fails(500),
  error_in_stream: () => streamed(facts_of, "please break the stream"),
  retry: async () => (await generateText(say(asks.retry, { maxRetries: 2 }))).finishReason,
});
