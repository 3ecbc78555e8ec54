import { once } from "node:events";
import { createServer } from "node:net";
import { type FramePort, type InboundFrame, isLinkError, type PortClose } from "@holdfast/rpc";
import { framePortContract, type PortPair, type PortPairOptions } from "@holdfast/rpc/testing";
import { listenWebSocket } from "@holdfast/rpc/websocket";
import { BadLine, FakeClock, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { connectPlatformWebSocket } from "../../src/websocket/platform-connect.ts";

/** A port over the platform's own `WebSocket`, and the server port that it reached. */
async function platformPair(options: PortPairOptions = {}): Promise<PortPair & { readonly url: string }> {
  const { promise: accepted, resolve: accept } = Promise.withResolvers<FramePort>();
  const listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort: accept, ...options });
  const left = await connectPlatformWebSocket(listener.url, options);
  return {
    left,
    right: await accepted,
    url: listener.url,
    [Symbol.asyncDispose]: async () => {
      left.destroy("the test is over");
      await listener.close();
    },
  };
}

framePortContract("connectPlatformWebSocket", platformPair, { carriesClose: true, carriesBinary: true });

test("sends bytes as text, and names the host of the far end", async () => {
  await using pair = await platformPair();
  const { promise, resolve } = Promise.withResolvers<InboundFrame>();
  pair.right.open({ frame: resolve, drained: () => {}, closed: () => {} });
  pair.left.open({ frame: () => {}, drained: () => {}, closed: () => {} });
  pair.left.send(Buffer.from("grün"));
  expect(await promise).toBe("grün");
  expect(pair.left.peerName).toBe(new URL(pair.url).host);
});

test("refuses with a link error: nobody listens, the time is up, the signal aborts, the URL is none", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as { port: number };
  const nobody = createServer().listen(0, "127.0.0.1");
  await once(nobody, "listening");
  const { port: free } = nobody.address() as { port: number };
  await new Promise((done) => nobody.close(done));
  const failureOf = (url: string, options = {}) =>
    connectPlatformWebSocket(url, options).then(
      () => expect.unreachable(),
      (error: unknown) => {
        if (!isLinkError(error)) throw error;
        return [error.name, error.code, error.delivery];
      },
    );
  expect(await failureOf(`ws://127.0.0.1:${free}`)).toEqual(["LinkError", "closed", "not-sent"]);
  expect(await failureOf(`ws://127.0.0.1:${port}`, { connectTimeoutMs: 50 })).toEqual([
    "TimeoutError",
    "timeout",
    "not-sent",
  ]);
  expect(await failureOf(`ws://127.0.0.1:${port}`, { signal: AbortSignal.abort() })).toEqual([
    "AbortError",
    "aborted",
    "not-sent",
  ]);
  const controller = new AbortController();
  const pending = failureOf(`ws://127.0.0.1:${port}`, { signal: controller.signal });
  controller.abort(new Error("no longer wanted"));
  expect(await pending).toEqual(["AbortError", "aborted", "not-sent"]);
  expect(await failureOf("ws://[")).toEqual(["LinkError", "closed", "not-sent"]);
  silent.close();
});

test("says that it is ending as soon as it sends nothing more", async () => {
  await using pair = await platformPair();
  pair.left.open({ frame: () => {}, drained: () => {}, closed: () => {} });
  expect(pair.left.isEnding).toBe(false);
  pair.left.close(1000, "done");
  expect(pair.left.isEnding).toBe(true);
});

test("notices a far end that vanished by what it is asked for, and leaves alone one that answers or is held back", async () => {
  const clock = new FakeClock();
  const answered = Promise.withResolvers<FramePort>();
  await using listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort: answered.resolve });
  await using line = await BadLine.to(listener.url);
  const near = await connectPlatformWebSocket(line.url, { clock });
  const far = await answered.promise;
  far.open({ frame: (frame) => far.send(frame), drained: () => {}, closed: () => {} });
  const closed = Promise.withResolvers<PortClose>();
  let heard = 0;
  const frame = (): void => {
    heard += 1;
  };
  near.open({ frame, drained: () => {}, closed: closed.resolve });
  let asked = 0;
  near.askForSigns?.(() => {
    asked += 1;
    near.send("still there?");
  });
  for (let seconds = 0; seconds < 200; seconds += 1) {
    await clock.advance(1_000);
    await until(() => heard === asked);
  }
  expect(asked).toBe(10);
  near.pause();
  for (let seconds = 0; seconds < 200; seconds += 1) await clock.advance(1_000);
  near.resume();
  await until(() => heard === asked);
  line.stall();
  let silentMs = 0;
  let close: PortClose | undefined;
  void closed.promise.then((told) => {
    close = told;
  });
  for (; silentMs < 200_000 && close === undefined; silentMs += 1_000) await clock.advance(1_000);
  expect(close).toEqual({ initiator: "fault", reason: "nothing was heard from the peer for 60000 ms" });
  expect(silentMs).toBeLessThanOrEqual(100_000);
});
