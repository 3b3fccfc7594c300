// What every client is asked to do, and how it tells what it found: one line of JSON on its output.
// The judge of these facts is peers_test.py.
export const root = process.argv[2]; // Of the server, without `/v1`.

export const asks = {
  text: "echo:one two three",
  json: 'echo:{"q":"a dot"}',
  error: (status) => `please fail with ${status}`,
  retry: "please fail once",
};

export const schema = {
  type: "object",
  properties: { q: { type: "string" } },
  required: ["q"],
  additionalProperties: false,
};
export const tool = { name: "find", description: "Looks something up", schema };

// A check that throws is a fact as well: its status, and who refused the answer.
export async function tell(checks) {
  const facts = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      facts[name] = await check();
    } catch (error) {
      facts[name] = {
        status: error.status ?? error.statusCode ?? error.lastError?.statusCode ?? null,
        error: error.constructor.name,
        message: String(error.message).slice(0, 1500),
        cause: String(error.cause ?? "").slice(0, 1500),
      };
    }
  }
  console.log(JSON.stringify(facts));
}
