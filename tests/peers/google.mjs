// The official client of Gemini.
import { GoogleGenAI } from "@google/genai";
import { asks, root, schema, tell, tool } from "./facts.mjs";

const client = (more = {}) => new GoogleGenAI({ apiKey: "none", httpOptions: { baseUrl: root, ...more } });
const { models } = client();
const patient = client({ retryOptions: { attempts: 3, initialDelay: 0.001, maxDelay: 0.001 } }).models;
const say = (contents, config = {}) => ({ model: "m", contents, config });
const called = {
  tools: [{ functionDeclarations: [
    { name: tool.name, description: tool.description, parametersJsonSchema: schema },
  ] }],
  toolConfig: { functionCallingConfig: { mode: "ANY" } },
};

const parts_of = (answer) => answer.candidates[0].content.parts ?? [];
const facts_of = (answers) => {
  const last = answers.at(-1);
  return {
    text: answers.flatMap(parts_of).filter((part) => !part.thought).map((part) => part.text ?? "").join(""),
    reason: last.candidates[0].finishReason,
    usage: [last.usageMetadata.promptTokenCount, last.usageMetadata.candidatesTokenCount],
  };
};
const call_of = (answers) => {
  const { name, args } = answers.flatMap((answer) => answer.functionCalls ?? [])[0];
  return { name, arguments: args, reason: answers.at(-1).candidates[0].finishReason };
};
const thoughts_of = (answers) => [
  answers.flatMap(parts_of).some((part) => part.thought && part.text.length > 10), facts_of(answers).text,
];
const plain = async (...asked) => [await models.generateContent(say(...asked))];
const streamed = async (...asked) => {
  const answers = [];
  for await (const answer of await models.generateContentStream(say(...asked))) answers.push(answer);
  return answers;
};
const thinking = { thinkingConfig: { includeThoughts: true } };
const fails = (status) => models.generateContent(say(asks.error(status)));

await tell({
  chat: async () => facts_of(await plain(asks.text)),
  stream: async () => facts_of(await streamed(asks.text)),
  tools: async () => call_of(await plain(asks.json, called)),
  tools_stream: async () => call_of(await streamed(asks.json, called)),
  structured: async () => {
    const config = { responseMimeType: "application/json", responseJsonSchema: schema };
    return JSON.parse(facts_of(await plain(asks.json, config)).text);
  },
  thinking: async () => thoughts_of(await plain(asks.text, thinking)),
  thinking_stream: async () => thoughts_of(await streamed(asks.text, thinking)),
  count: async () => (await models.countTokens({ model: "m", contents: asks.text })).totalTokens,
  embeddings: async () => {
    const { embeddings } = await models.embedContent({ model: "m", contents: ["one", "two"] });
    return embeddings.map((one) => one.values.length);
  },
  blocked: async () => (await models.generateContent(say("please block this"))).promptFeedback.blockReason,
  bare_error: () => streamed("please break the stream"),
  error_400: () => models.generateContent(say(asks.text, { candidateCount: 99 })),
  error_401: () => fails(401),
  error_429: () => fails(429),
  error_500: () => fails(500),
  retry: async () => facts_of([await patient.generateContent(say(asks.retry))]).reason,
});
