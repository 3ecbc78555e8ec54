import { once } from "node:events";
import { createServer } from "node:net";
import { type FramePort, isLinkError } from "@holdfast/rpc";
import { framePortContract, type PortPair, type PortPairOptions } from "@holdfast/rpc/testing";
import { listenWebSocket } from "@holdfast/rpc/websocket";
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

framePortContract("connectPlatformWebSocket", platformPair, { carriesClose: true });

test("sends bytes as text, and names the host of the far end", async () => {
  await using pair = await platformPair();
  const { promise, resolve } = Promise.withResolvers<string | Uint8Array>();
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
