// The official client of OpenAI.
import OpenAI from "openai";
import { asks, root, schema, tell, tool } from "./facts.mjs";

const client = new OpenAI({ apiKey: "none", baseURL: `${root}/v1`, maxRetries: 0 });
const patient = new OpenAI({ apiKey: "none", baseURL: `${root}/v1`, maxRetries: 2 });
const say = (content, more = {}) => ({ model: "m", messages: [{ role: "user", content }], ...more });
const tools = [{
  type: "function",
  function: { name: tool.name, description: tool.description, parameters: schema, strict: true },
}];

const facts_of = (completion) => ({
  text: completion.choices[0].message.content,
  reason: completion.choices[0].finish_reason,
  usage: [completion.usage.prompt_tokens, completion.usage.completion_tokens],
});
const call_of = (completion) => {
  const { name, arguments: text } = completion.choices[0].message.tool_calls[0].function;
  return { name, arguments: JSON.parse(text), reason: completion.choices[0].finish_reason };
};
const fails = async (status) => client.chat.completions.create(say(asks.error(status)));
const streamed = (body) =>
  client.chat.completions.stream({ ...body, stream_options: { include_usage: true } }).finalChatCompletion();

await tell({
  chat: async () => facts_of(await client.chat.completions.create(say(asks.text))),
  stream: async () => facts_of(await streamed(say(asks.text))),
  tools: async () =>
    call_of(await client.chat.completions.create(say(asks.json, { tools, tool_choice: "required" }))),
  tools_stream: async () => call_of(await streamed(say(asks.json, { tools, tool_choice: "required" }))),
  structured: async () => {
    const response_format = { type: "json_schema", json_schema: { name: "found", schema, strict: true } };
    const completion = await client.chat.completions.parse(say(asks.json, { response_format }));
    return JSON.parse(completion.choices[0].message.content);
  },
  embeddings: async () => {
    const { data } = await client.embeddings.create({
      model: "m", input: ["one", "two"], encoding_format: "float",
    });
    return data.map((one) => one.embedding.length);
  },
  models: async () => (await client.models.list()).data.map((model) => model.id),
  error_401: () => fails(401),
  error_429: () => fails(429),
  error_500: () => fails(500),
  retry: async () => facts_of(await patient.chat.completions.create(say(asks.retry))).reason,
});
