import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { connectWebSocket, listenWebSocket } from "@holdfast/rpc/websocket";
import { FakeClock, until } from "@holdfast/testkit";
import { expect, test } from "vitest";

const KIB = 1024;
const MIB = 1024 * KIB;
const PONG_TIMEOUT_MS = 15_000;

/** A relay that carries to the far end only what it is told to, and everything back. */
async function slowRelay(targetUrl: string) {
  const near = Promise.withResolvers<Socket>();
  const server = createServer((socket) => near.resolve(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const far = connect(Number(new URL(targetUrl).port), "127.0.0.1");
  far.on("error", () => {});
  void near.promise.then((socket) => far.pipe(socket.on("error", () => {})));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Carry some of what has come; @returns how much. */
    async carry(most: number): Promise<number> {
      const socket = await near.promise;
      const bytes = (socket.read(Math.min(most, socket.readableLength)) as Buffer | null) ?? Buffer.alloc(0);
      far.write(bytes);
      return bytes.length;
    },
    async [Symbol.asyncDispose]() {
      far.destroy();
      (await near.promise).destroy();
      server.close();
    },
  };
}

test("a peer to whom one long message is carried slowly is alive until nothing moves any more", async () => {
  const clock = new FakeClock();
  await using listener = await listenWebSocket({
    host: "127.0.0.1",
    port: 0,
    maxFrameBytes: 64 * MIB,
    onPort: (port) => port.open(new RecordingReceiver()),
  });
  await using relay = await slowRelay(listener.url);
  const connecting = connectWebSocket(relay.url, { clock, pingIntervalMs: 10_000, pongTimeoutMs: PONG_TIMEOUT_MS });
  await until(() => relay.carry(64 * KIB));
  const port = await connecting;
  const receiver = new RecordingReceiver();
  port.open(receiver);
  port.send("x".repeat(64 * MIB));
  // In all longer than silence may last. The systems in between hold megabytes, and take the next ones in leaps.
  for (let carried = 0; carried < 48 * MIB; carried += await until(() => relay.carry(64 * KIB))) {
    await clock.advance(25);
  }
  expect(receiver.closes).toEqual([]);
  expect(clock.now()).toBeGreaterThan(PONG_TIMEOUT_MS + 2_000);
  await clock.advance(10_000 + 2 * PONG_TIMEOUT_MS);
  await until(() => receiver.closes.length > 0);
  expect(receiver.closes).toMatchObject([
    { initiator: "fault", reason: "nothing was heard from the peer for 15000 ms" },
  ]);
});
