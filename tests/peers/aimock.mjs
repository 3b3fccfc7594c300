// A server of others that answers every API from one fixture: tells its address, and ends with its input.
import { LLMock } from "@copilotkit/aimock";
import { readFileSync } from "node:fs";

const mock = new LLMock({ host: "127.0.0.1", port: 0, chunkSize: 7, logLevel: "silent", strict: true });
mock.addFixturesFromJSON(readFileSync(process.argv[2], "utf8"));
await mock.start();
console.log(mock.url);
process.stdin.resume();
process.stdin.on("end", async () => {
  await mock.stop();
  process.exit(0);
});
