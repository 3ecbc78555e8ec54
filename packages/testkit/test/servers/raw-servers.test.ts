import { connect } from "node:net";
import { leakGuard, until } from "@holdfast/testkit";
import { closesAfter, neverUpgrades, type RawServer, stallsAfterHalfFrame } from "@holdfast/testkit/servers";
import { expect, test } from "vitest";

// The key and its answer are those of RFC 6455, 1.3.
const REQUEST = [
  "GET / HTTP/1.1",
  "Host: x",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
];
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

function ask(server: RawServer) {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  const state = { bytes: Buffer.alloc(0), closed: false };
  socket.on("error", () => {});
  socket.on("close", () => {
    state.closed = true;
  });
  socket.on("data", (chunk: Buffer) => {
    state.bytes = Buffer.concat([state.bytes, chunk]);
  });
  socket.write(`${REQUEST.join("\r\n")}\r\n\r\n`);
  return { state, [Symbol.dispose]: () => void socket.destroy() };
}

test.each(["accept", "upgrade"] as const)("a connection is closed after the %s", async (stage) => {
  await using _ = leakGuard();
  await using server = await closesAfter(stage);
  using client = ask(server);
  await until(() => client.state.closed);
  expect(client.state.bytes.includes(ACCEPT)).toBe(stage === "upgrade");
  expect(server.connectionCount).toBe(1);
  await until(() => server.openCount === 0);
});

test("an upgrade is never answered; the connection stays", async () => {
  await using _ = leakGuard();
  await using server = await neverUpgrades();
  using client = ask(server);
  await until(() => server.openCount === 1);
  expect(client.state).toEqual({ bytes: Buffer.alloc(0), closed: false });
});

test("half a frame follows the upgrade, and nothing more", async () => {
  await using _ = leakGuard();
  await using server = await stallsAfterHalfFrame();
  using client = ask(server);
  const frame = await until(() => {
    const headEnd = client.state.bytes.indexOf("\r\n\r\n");
    const rest = client.state.bytes.subarray(headEnd + 4);
    return headEnd > 0 && rest.length >= 52 && rest;
  });
  expect([frame[0], frame[1], frame.length]).toEqual([0x81, 100, 52]);
  expect(client.state.closed).toBe(false);
});
