// Start a development server on another machine, wait for the line that says it is up, and open it here: page, websocket and all.
//
//   node src/forwarded-dev-server.ts ws://HOST:PORT
import { connect } from "@holdfast/exec-client";

const [, , url = "ws://127.0.0.1:7070"] = process.argv;
// Any server that prints its port; `["npm", "run", "dev"]` in your case.
const SERVER = `
  const server = require("node:http").createServer((_, answer) => answer.end("hello from there"));
  server.listen(0, "127.0.0.1", () => console.log("listening on " + server.address().port));
`;

await using executor = await connect(url, { clientName: "forwarded-dev-server" });
await using server = await executor.processes.start({ argv: [process.execPath, "-e", SERVER] });

let port: number | undefined;
for await (const line of server.lines()) {
  port = Number(/listening on (\d+)/.exec(line)?.[1]);
  if (port > 0) break;
}
if (port === undefined) throw new Error("the server ended before it listened");

await using here = await executor.forward(port);
const page = await fetch(`http://${here.host}:${here.port}/`);
console.log(`${page.status} ${await page.text()}`);
// Leaving the block ends the forwarding, the server and the connection, in this order.
