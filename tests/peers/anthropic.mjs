// The official client of Anthropic.
import Anthropic from "@anthropic-ai/sdk";
import { asks, root, schema, tell, tool } from "./facts.mjs";

const client = new Anthropic({ apiKey: "none", baseURL: root, maxRetries: 0 });
const patient = new Anthropic({ apiKey: "none", baseURL: root, maxRetries: 2 });
const say = (content, more = {}) => ({
  model: "m", max_tokens: 64, messages: [{ role: "user", content }], ...more,
});
const tools = [{ name: tool.name, description: tool.description, input_schema: schema }];
const tool_choice = { type: "any" };

const text_of = (message) => message.content.filter((b) => b.type === "text").map((b) => b.text).join("");
const facts_of = (message) => ({
  text: text_of(message),
  reason: message.stop_reason,
  usage: [message.usage.input_tokens, message.usage.output_tokens],
});
const call_of = (message) => {
  const { name, input } = message.content.find((block) => block.type === "tool_use");
  return { name, arguments: input, reason: message.stop_reason };
};
const streamed = (body) => client.messages.stream(body).finalMessage();
const fails = async (status) => client.messages.create(say(asks.error(status)));
const thinking = { type: "adaptive" };
const thoughts_of = (message) => [message.content[0].thinking.length > 10, text_of(message)];

await tell({
  chat: async () => facts_of(await client.messages.create(say(asks.text))),
  stream: async () => facts_of(await streamed(say(asks.text))),
  tools: async () => call_of(await client.messages.create(say(asks.json, { tools, tool_choice }))),
  tools_stream: async () => call_of(await streamed(say(asks.json, { tools, tool_choice }))),
  structured: async () => {
    const output_config = { format: { type: "json_schema", schema } };
    return JSON.parse(text_of(await client.messages.create(say(asks.json, { output_config }))));
  },
  thinking: async () => thoughts_of(await client.messages.create(say(asks.text, { thinking }))),
  thinking_stream: async () => thoughts_of(await streamed(say(asks.text, { thinking }))),
  count: async () => {
    const { max_tokens, ...body } = say(asks.text);
    return (await client.messages.countTokens(body)).input_tokens;
  },
  models: async () => (await client.models.list()).data.map((model) => model.id),
  error_400: () => client.messages.create(say(asks.text, { n: 2 })),
  error_401: () => fails(401),
  error_429: () => fails(429),
  error_500: () => fails(500),
  retry: async () => facts_of(await patient.messages.create(say(asks.retry))).reason,
});
