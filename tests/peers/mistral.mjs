// The official client of Mistral, which checks every answer of chat completions by a schema.
import { Mistral } from "@mistralai/mistralai";
import { asks, root, schema, tell, tool } from "./facts.mjs";

const client = new Mistral({ apiKey: "none", serverURL: root, retryConfig: { strategy: "none" } });
const patient = new Mistral({
  apiKey: "none", serverURL: root,
  retryConfig: {
    strategy: "backoff",
    backoff: { initialInterval: 1, maxInterval: 2, exponent: 1, maxElapsedTime: 10000 },
  },
});
const say = (content, more = {}) => ({ model: "m", messages: [{ role: "user", content }], ...more });
const tools = [{
  type: "function",
  function: { name: tool.name, description: tool.description, parameters: schema },
}];

const facts_of = (completion) => ({
  text: completion.choices[0].message.content,
  reason: completion.choices[0].finishReason,
  usage: [completion.usage.promptTokens, completion.usage.completionTokens],
});
const fails = (status) => client.chat.complete(say(asks.error(status)));

await tell({
  chat: async () => facts_of(await client.chat.complete(say(asks.text))),
  stream: async () => {
    let text = "", reason = null;
    for await (const { data } of await client.chat.stream(say(asks.text))) {
      text += data.choices[0]?.delta.content ?? "";
      reason = data.choices[0]?.finishReason ?? reason;
    }
    return { text, reason };
  },
  tools: async () => {
    const completion = await client.chat.complete(say(asks.json, { tools, toolChoice: "any" }));
    const { name, arguments: text } = completion.choices[0].message.toolCalls[0].function;
    return { name, arguments: JSON.parse(text), reason: completion.choices[0].finishReason };
  },
  structured: async () => {
    const responseFormat = { type: "json_schema", jsonSchema: { name: "found", schemaDefinition: schema } };
    const completion = await client.chat.complete(say(asks.json, { responseFormat }));
    return JSON.parse(completion.choices[0].message.content);
  },
  embeddings: async () => {
    const { data } = await client.embeddings.create({ model: "m", inputs: ["one", "two"] });
    return data.map((one) => one.embedding.length);
  },
  error_401: () => fails(401),
  error_429: () => fails(429),
  error_500: () => fails(500),
  retry: async () => facts_of(await patient.chat.complete(say(asks.retry))).reason,
});
