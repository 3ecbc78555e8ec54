import { once } from "node:events";
import { createExecServerCodec } from "@holdfast/exec-server-protocol";
import { createPeer } from "@holdfast/rpc";
import { connectWebSocket, listenWebSocket } from "@holdfast/rpc/websocket";
import { until } from "@holdfast/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Executor } from "../../src/index.ts";
import { Chance, hostileFrame } from "./hostile-frames.ts";
import { newExecutor } from "./line.ts";

let executor: Executor;
let listener: Awaited<ReturnType<typeof listenWebSocket>>;
const bugs: string[] = [];

beforeEach(async () => {
  bugs.length = 0;
  executor = newExecutor({ log: { debug: () => {}, warn: (message) => bugs.push(message) } });
  listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort: (port) => executor.accept(port) });
});
afterEach(async () => {
  await executor.close();
  await listener.close();
});

async function open(): Promise<WebSocket> {
  const socket = new WebSocket(listener.url);
  await once(socket, "open");
  return socket;
}

async function goesOnServing(frames: number): Promise<void> {
  const chance = new Chance(20_261_121);
  let socket = await open();
  let reopened = 0;
  for (let index = 0; index < frames; index++) {
    if (socket.readyState !== WebSocket.OPEN) {
      socket = await open();
      reopened++;
    }
    socket.send(hostileFrame(chance, index));
    // Let what was sent be judged now and then: a line that was dropped must be seen to be.
    if (index % 10 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  socket.close();
  expect(reopened).toBeGreaterThan(0);
  const peer = createPeer({
    port: await connectWebSocket(listener.url),
    codec: createExecServerCodec({ strict: false }),
  });
  await peer.call("initialize", { clientName: "after" });
  peer.notify("initialized", {});
  expect(await peer.call("environment/status", null)).toEqual({ status: "ready" });
  peer.close();
  await until(() => executor.connectionCount === 0);
  expect(bugs).toEqual([]);
}

const name = "%i hostile frames leave the server serving, and meet no bug";
test.each([2_000])(name, goesOnServing);
test.each([10_000])(name, { timeout: 120_000, tags: "long" }, goesOnServing);
