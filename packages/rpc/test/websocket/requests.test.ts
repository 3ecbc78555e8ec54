import { connect } from "node:net";
import { connectWebSocket, type HttpAnswer, type InboundRequest, listenWebSocket } from "@holdfast/rpc/websocket";
import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";

interface Options {
  readonly clock?: FakeClock;
  readonly allowedHosts?: readonly string[];
  readonly onBug?: (error: unknown) => void;
}

/** A listener that answers requests, and the base of its URLs. */
async function answering(onRequest: (request: InboundRequest) => Promise<HttpAnswer>, options: Options = {}) {
  const place = { host: "127.0.0.1", port: 0 };
  const listener = await listenWebSocket({
    ...place,
    onRequest,
    onPort: (port) => port.open({ frame: () => {}, drained: () => {}, closed: () => {} }),
    closeGraceMs: 50,
    ...options,
  });
  return { listener, url: listener.url.replace(/^ws/, "http"), [Symbol.asyncDispose]: () => listener.close() };
}

async function echo(request: InboundRequest): Promise<HttpAnswer> {
  const body = await request.body(1_000);
  const told = { method: request.method, path: request.path, isNear: request.isFromLoopback, body: body?.toString() };
  return { status: 200, body: JSON.stringify(told), headers: { "Content-Type": "application/json" } };
}

test("hands every request on that is neither a handshake nor about health, with its body", async () => {
  await using server = await answering(echo);
  const response = await fetch(`${server.url}/a/b?secret=1`, { method: "POST", body: "hello" });
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({ method: "POST", path: "/a/b", isNear: true, body: "hello" });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  (await connectWebSocket(server.listener.url)).destroy("done");
});

test("reads no more of a body than it may have, whether that says its length or not", async () => {
  await using server = await answering(echo);
  for (const body of ["x".repeat(1_001), new Blob(["x".repeat(5_000)]).stream()]) {
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    expect(await (await fetch(server.url, init)).json()).not.toHaveProperty("body");
  }
  const whole = await fetch(server.url, { method: "POST", body: "x".repeat(1_000) });
  expect((await whole.json()) as unknown).toHaveProperty("body", "x".repeat(1_000));
});

test("does not take what is left of a body for the next request", async () => {
  const paths: string[] = [];
  await using server = await answering(async ({ path }) => {
    paths.push(path);
    return { status: 200, body: "" };
  });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  const smuggled = "POST /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n";
  const length = smuggled.length + 100_000;
  socket.write(`POST /first HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\n\r\n${smuggled}`);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  expect(text).toMatch(/Connection: close/i);
  expect(paths).toEqual(["/first"]);
});

test("refuses requests of web pages before they are handed on", async () => {
  await using server = await answering(async () => ({ status: 200, body: "" }));
  const response = await fetch(server.url, { method: "POST", headers: { origin: "http://localhost" } });
  expect(response.status).toBe(403);
});

test("answers 500 where the answer fails, and tells of it", async () => {
  const bugs: unknown[] = [];
  const bug = new Error("a bug");
  await using server = await answering(() => Promise.reject(bug), { onBug: (error) => bugs.push(error) });
  expect((await fetch(server.url)).status).toBe(500);
  expect(bugs).toEqual([bug]);
});

test("answers 503 where the answer does not come in time", async () => {
  const clock = new FakeClock();
  const asked = Promise.withResolvers<void>();
  const never = new Promise<HttpAnswer>(() => {});
  await using server = await answering(
    () => {
      asked.resolve();
      return never;
    },
    { clock },
  );
  const response = fetch(server.url);
  await asked.promise;
  await clock.advance(10_000);
  expect((await response).status).toBe(503);
});

test("takes handshakes on loopback under a name that was allowed, and under no other one", async () => {
  await using server = await answering(echo, { allowedHosts: ["relay.example"] });
  const named = (host: string) => connectWebSocket(server.listener.url, { headers: { host } });
  (await named("relay.example:8080")).destroy("done");
  await expect(named("evil.example")).rejects.toThrow(/403/);
});
