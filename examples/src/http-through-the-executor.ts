// Ask a web server that only the executor reaches, as if it were the platform's own `fetch`.
//
//   node src/http-through-the-executor.ts ws://HOST:PORT http://localhost:3000/
import { connect } from "@holdfast/exec-client";

const [, , url = "ws://127.0.0.1:7070", address = "http://localhost:3000/"] = process.argv;

await using executor = await connect(url, { clientName: "http-through-the-executor" });

const response = await executor.fetch(address, { timeoutMs: 10_000 });
console.log(`${response.status} ${response.headers.get("content-type")}`);

// The body comes as it is read: what is not read stays with its sender.
let bytes = 0;
for await (const piece of response.body ?? []) bytes += piece.byteLength;
console.log(`${bytes} bytes`);
