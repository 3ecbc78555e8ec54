import { connectAppServer } from "@holdfast/app-server-client";
import { describe, expect, test } from "vitest";
import { servedAppServer } from "./served.ts";

/** Asks for a websocket, and prints the first line of the answer. */
const ASKS = `
const [where] = process.argv.slice(1);
const place = where.startsWith("unix://") ? { path: where.slice(7) } : { host: "127.0.0.1", port: new URL(where).port };
const socket = require("node:net").connect(place);
const head = ["GET / HTTP/1.1", "Host: 127.0.0.1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
socket.write([...head, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""].join("\\r\\n"));
socket.once("data", (data) => {
  console.log(String(data).split("\\r\\n")[0]);
  process.exit(0);
});
socket.once("error", (error) => {
  console.log(error.code);
  process.exit(0);
});
`;

describe.each(["ws://127.0.0.1:0", "unix://below/it.sock"])("a command that a server at %s runs", (listen) => {
  test("may connect to it when it is free to do anything, and not when it is confined, with the network open", async () => {
    await using served = await servedAppServer(listen);
    await using client = await connectAppServer(served.url);
    const asks = { command: [process.execPath, "-e", ASKS, served.url] };
    const free = await client.command.exec({ ...asks, sandboxPolicy: { type: "dangerFullAccess" } });
    expect(free).toMatchObject({ exitCode: 0, stdout: "HTTP/1.1 101 Switching Protocols\n" });
    const sandboxPolicy = { type: "workspaceWrite" as const, networkAccess: true };
    const confined = await client.command.exec({ ...asks, sandboxPolicy });
    expect(confined).toMatchObject({ exitCode: 0, stdout: "HTTP/1.1 403 Forbidden\n" });
  });
});
