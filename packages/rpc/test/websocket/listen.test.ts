import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { createPeer, type FramePort } from "@holdfast/rpc";
import { jsonCodec, RecordingReceiver } from "@holdfast/rpc/testing";
import {
  type Authorization,
  type ConnectionEnds,
  connectWebSocket,
  type ListenWebSocketOptions,
  listenWebSocket,
} from "@holdfast/rpc/websocket";
import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { turns } from "../peers.ts";
import { exchange, frameHead, handshake, rawConnect, rawUpgraded } from "./raw.ts";

function listen(options: Partial<ListenWebSocketOptions> = {}) {
  return listenWebSocket({
    host: "127.0.0.1",
    port: 0,
    onPort: (port) => port.open(new RecordingReceiver()),
    ...options,
  });
}

/** The first line that a request is answered with. */
async function firstLine(url: string, request: string): Promise<string> {
  const socket = await rawConnect(url);
  socket.on("error", () => {});
  socket.write(request);
  const [bytes] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return bytes.toString("latin1").split("\r\n")[0] ?? "";
}

/** An address of this machine that is not of the loopback interface. */
function ownAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return addresses.find(({ internal, family }) => !internal && family === "IPv4")?.address;
}

function httpUrl(url: string, path: string): string {
  return url.replace("ws:", "http:") + path;
}

describe("a websocket listener's HTTP side", () => {
  test.each([
    ["GET", "/readyz", 200, ""],
    ["HEAD", "/readyz", 200, ""],
    ["GET", "/readyz?x=1", 200, ""],
    ["POST", "/readyz", 405, ""],
    ["GET", "/", 400, "Connection header did not include 'upgrade'"],
    ["GET", "/healthz", 200, ""],
    ["HEAD", "/healthz", 200, ""],
    ["DELETE", "/healthz", 405, ""],
    ["GET", "/health", 404, ""],
    ["GET", "/readyz/", 404, ""],
    ["PUT", "/anything", 404, ""],
  ])("answers %s %s with %i", async (method, path, status, body) => {
    await using listener = await listen();
    const response = await fetch(httpUrl(listener.url, path), { method });
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test.each([
    ["GET", "/healthz", 200, ""],
    ["HEAD", "/readyz", 200, ""],
    ["POST", "/healthz", 405, ""],
    ["GET", "/rpc", 400, "Connection header did not include 'upgrade'"],
    ["GET", "/", 404, ""],
  ])("answers %s %s with %i when its paths are others", async (method, path, status, body) => {
    await using listener = await listen({ routes: { handshake: "/rpc", health: ["/readyz", "/healthz"] } });
    const response = await fetch(httpUrl(listener.url, path), { method });
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test("answers 503 for readiness alone while new clients are not wanted", async () => {
    let isReady = false;
    await using listener = await listen({ isReady: () => isReady });
    const statusOf = async (path: string, method = "GET") =>
      (await fetch(httpUrl(listener.url, path), { method })).status;
    expect([await statusOf("/readyz"), await statusOf("/readyz", "HEAD"), await statusOf("/readyz", "POST")]).toEqual([
      503, 503, 405,
    ]);
    expect(await statusOf("/healthz")).toBe(200);
    isReady = true;
    expect(await statusOf("/readyz")).toBe(200);
  });

  test("takes handshakes on every path when it is told to, but not on that of its health, nor from a web page", async () => {
    await using listener = await listen({ routes: { handshake: null } });
    const statusOf = async (path: string, headers: string[] = []) => {
      const socket = await rawConnect(listener.url);
      socket.write(handshake(path, headers));
      const [head] = (await once(socket, "data")) as [Buffer];
      socket.destroy();
      return head.toString().slice(9, 12);
    };
    expect(await statusOf("/any/where")).toBe("101");
    expect(await statusOf("/")).toBe("101");
    expect(await statusOf("/readyz")).toBe("200");
    expect(await statusOf("/any/where", ["Origin: x"])).toBe("403");
  });

  test("says in a refusal what else belongs to it", async () => {
    const headers = { "WWW-Authenticate": 'Bearer realm="executor"' };
    await using listener = await listen({
      authorize: () => ({ refusal: { status: 401, body: "a token, please", headers } }),
    });
    const answer = await exchange(listener.url, handshake("/"));
    expect(answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(answer).toContain('\r\nWWW-Authenticate: Bearer realm="executor"\r\n');
    expect(answer).toMatch(/\r\nContent-Length: 15\r\n.*\r\n\r\na token, please$/s);
  });

  test.each(["/", "/readyz", "/other"])("refuses a request with an Origin for %s", async (path) => {
    await using listener = await listen();
    const response = await fetch(httpUrl(listener.url, path), { headers: { Origin: "http://localhost" } });
    expect([response.status, await response.text()]).toEqual([403, ""]);
  });

  test.each([
    ["/", ["Origin: https://example.com"], "403"],
    ["/", ["Origin: null"], "403"],
    ["/", ["Origin:"], "403"],
    ["/other", [], "404"],
    ["/other", ["Origin: x"], "403"],
    ["/readyz", [], "200"],
  ])("answers a handshake for %s with %j by %s and hangs up", async (path, headers, status) => {
    const ports: FramePort[] = [];
    await using listener = await listen({ onPort: (port) => ports.push(port) });
    const answer = await exchange(listener.url, handshake(path, headers));
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*Content-Length: 0\r\n.*\r\n\r\n$`, "s"));
    expect(ports).toEqual([]);
  });

  test("answers a handshake with 101, and a query does not matter", async () => {
    await using listener = await listen();
    const socket = await rawConnect(listener.url);
    socket.write(handshake("/?a=b"));
    const [head] = (await once(socket, "data")) as [Buffer];
    expect(head.toString("latin1")).toMatch(/^HTTP\/1\.1 101 /);
    socket.destroy();
  });

  test("never negotiates compression", async () => {
    await using listener = await listen();
    const socket = await rawConnect(listener.url);
    socket.write(handshake("/", ["Sec-WebSocket-Extensions: permessage-deflate"]));
    const [head] = (await once(socket, "data")) as [Buffer];
    expect(head.toString("latin1")).not.toMatch(/extensions/i);
    socket.destroy();
  });

  test.each([
    ["a method other than GET", handshake("/", [], "POST"), "405"],
    ["no key", handshake().replace(/Sec-WebSocket-Key.*\r\n/, ""), "400"],
    ["another version", handshake().replace("Version: 13", "Version: 7"), "400"],
    ["another protocol", handshake().replace("Upgrade: websocket", "Upgrade: h2c"), "400"],
    ["no HTTP at all", "\u0016\u0003\u0001 hello\r\n\r\n", "400"],
  ])("refuses a handshake with %s", async (_what, request, status) => {
    await using listener = await listen();
    expect(await exchange(listener.url, request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test.each([
    ["Sec-Fetch-Site: cross-site", "403"],
    ["Sec-Fetch-Site: same-origin", "403"],
    ["Sec-Fetch-Site:", "403"],
    ["Sec-Fetch-Site: none", "101"],
  ])("answers a handshake with %s by %s", async (header, status) => {
    await using listener = await listen();
    expect(await firstLine(listener.url, handshake("/", [header]))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test.each([
    ["127.0.0.1", "101"],
    ["127.0.0.1:4000", "101"],
    ["10.1.2.3:4000", "101"],
    ["[::1]:4000", "101"],
    ["[fe80::1%eth0]", "101"],
    ["localhost", "101"],
    ["LocalHost:4000", "101"],
    ["evil.example", "403"],
    ["evil.example:4000", "403"],
    ["localhost.evil.example", "403"],
    ["127.0.0.1.evil.example", "403"],
    ["2130706433", "403"],
    ["::1", "403"],
    ["[evil.example]", "403"],
    ["localhost:4000, evil.example", "403"],
    ["", "403"],
    ["localhost\r\nHost: evil.example", "400"],
  ])(
    "answers a handshake with the Host %j by %s on loopback: a page's own name may lead there",
    async (host, status) => {
      await using listener = await listen();
      const request = handshake().replace("Host: localhost", `Host: ${host}`);
      expect(await firstLine(listener.url, request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    },
  );

  const elsewhere = ownAddress();
  test.runIf(elsewhere !== undefined)("lets any Host through on an address that others can reach", async () => {
    await using listener = await listen({ host: elsewhere ?? "" });
    const request = handshake().replace("Host: localhost", "Host: devbox.example:4000");
    expect(await firstLine(listener.url, request)).toMatch(/^HTTP\/1\.1 101 /);
    expect(await firstLine(listener.url, handshake("/", ["Origin: http://devbox.example"]))).toMatch(/ 403 /);
  });

  test("lets the websockets of Node connect", async () => {
    await using listener = await listen();
    const webSocket = new WebSocket(listener.url);
    await once(webSocket, "open");
    webSocket.close();
  });

  test("asks authorize before it accepts, tells it both ends, and passes its answer on", async () => {
    const asked: ConnectionEnds[] = [];
    const authorize: ListenWebSocketOptions["authorize"] = async (request, connection) => {
      if ("local" in connection) asked.push(connection);
      return request.headers.authorization === "Bearer good"
        ? { principal: { name: "somebody with a token" } }
        : { refusal: { status: 401, body: "missing websocket bearer token" } };
    };
    const names: string[] = [];
    const refused: string[] = [];
    await using listener = await listen({
      authorize,
      onPort: (_port, _request, { name }) => names.push(name),
      onRefused: ({ status }, peerName) => refused.push(`${status} ${peerName.replace(/:\d+$/, "")}`),
    });
    await expect(connectWebSocket(listener.url)).rejects.toMatchObject({
      code: "closed",
      delivery: "not-sent",
      message: expect.stringMatching(/answered with 401 Unauthorized: missing websocket bearer token$/),
    });
    expect(await exchange(listener.url, handshake())).toMatch(/\r\n\r\nmissing websocket bearer token$/);
    expect(refused).toEqual(["401 127.0.0.1", "401 127.0.0.1"]);
    const port = await connectWebSocket(listener.url, { headers: { Authorization: "Bearer good" } });
    expect(names).toEqual(["somebody with a token"]);
    const { hostname, port: number } = new URL(listener.url);
    expect(asked.at(-1)?.local).toEqual({ address: hostname, port: Number(number) });
    expect(asked.at(-1)?.remote).toEqual({ address: hostname, port: expect.any(Number) });
    port.destroy("done");
    const ready = await fetch(httpUrl(listener.url, "/readyz"));
    expect(ready.status).toBe(200);
  });

  test("takes what a client sent before it was let in", async () => {
    const { promise: decision, resolve: decide } = Promise.withResolvers<Authorization>();
    const receiver = new RecordingReceiver();
    await using listener = await listen({ authorize: () => decision, onPort: (port) => port.open(receiver) });
    const socket = await rawConnect(listener.url);
    socket.on("error", () => {});
    socket.write(Buffer.concat([Buffer.from(handshake()), frameHead(1, 2), Buffer.from("{}")]));
    await turns();
    expect(listener.connectionCount).toBe(0);
    decide({ principal: { name: "somebody" } });
    await until(() => receiver.frames.length === 1);
    socket.destroy();
  });

  test("answers 500 when authorize throws, and serves on", async () => {
    const bugs: unknown[] = [];
    let calls = 0;
    const authorize = (): Authorization => {
      calls += 1;
      if (calls === 1) throw new Error("bug");
      return { principal: { name: "somebody" } };
    };
    await using listener = await listen({ authorize, onBug: (error) => bugs.push(error) });
    await expect(connectWebSocket(listener.url)).rejects.toThrow("500");
    (await connectWebSocket(listener.url)).destroy("done");
    expect(bugs).toHaveLength(1);
  });

  test("waits no longer for authorize than for a handshake", async () => {
    const clock = new FakeClock();
    let isAsked = false;
    const authorize = (): Promise<never> => {
      isAsked = true;
      return new Promise(() => {});
    };
    await using listener = await listen({ clock, authorize, handshakeTimeoutMs: 5_000 });
    const answer = exchange(listener.url, handshake());
    await until(() => isAsked);
    await clock.advance(5_000);
    expect(await answer).toMatch(/^HTTP\/1\.1 503 .*it took too long/s);
  });

  test("serves nobody who hung up while authorize decided", async () => {
    const { promise: decision, resolve: decide } = Promise.withResolvers<Authorization>();
    let isAsked = false;
    const authorize = (): Promise<Authorization> => {
      isAsked = true;
      return decision;
    };
    const names: string[] = [];
    await using listener = await listen({ authorize, onPort: (port) => names.push(port.peerName) });
    const socket = await rawConnect(listener.url);
    socket.write(handshake());
    await until(() => isAsked);
    socket.resetAndDestroy();
    await once(socket, "close");
    await turns();
    decide({ principal: { name: "somebody" } });
    await connectWebSocket(listener.url);
    expect(names.filter((name) => name.endsWith(`:${socket.localPort}`))).toEqual([]);
  });

  test("destroys a connection whose onPort throws, and serves on", async () => {
    const bugs: unknown[] = [];
    const onPort = (): never => {
      throw new Error("bug");
    };
    await using listener = await listen({ onPort, onBug: (error) => bugs.push(error) });
    const port = await connectWebSocket(listener.url);
    const receiver = new RecordingReceiver();
    port.open(receiver);
    await receiver.closedOnce();
    expect(bugs).toHaveLength(1);
    expect((await fetch(httpUrl(listener.url, "/readyz"))).status).toBe(200);
  });

  test("answers 503 beyond its connections, and accepts again when one is gone", async () => {
    await using listener = await listen({ maxConnections: 2 });
    const first = await connectWebSocket(listener.url);
    await connectWebSocket(listener.url);
    await expect(connectWebSocket(listener.url)).rejects.toThrow("503");
    first.destroy("make room");
    await until(() => listener.connectionCount === 1);
    await connectWebSocket(listener.url);
    expect(listener.connectionCount).toBe(2);
  });

  test("lets others in however many connect and say nothing, and drops the oldest of those", async () => {
    await using listener = await listen({ maxHalfOpen: 8 });
    const silent = await Promise.all(Array.from({ length: 40 }, () => rawConnect(listener.url)));
    let dropped = 0;
    for (const socket of silent) {
      socket.on("error", () => {});
      socket.once("close", () => {
        dropped += 1;
      });
    }
    const port = await connectWebSocket(listener.url);
    await until(() => dropped >= 32);
    expect(silent.slice(0, 30).every(({ destroyed }) => destroyed)).toBe(true);
    const another = await connectWebSocket(listener.url);
    expect(listener.connectionCount).toBe(2);
    for (const socket of silent) socket.destroy();
    port.destroy("done");
    another.destroy("done");
  });

  test("drops a client that does not finish its request in time", async () => {
    await using listener = await listen({ handshakeTimeoutMs: 200 });
    const answer = await exchange(listener.url, "GET / HTTP/1.1\r\nHost: x\r\nConnec");
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("tells the address of a client", async () => {
    const names: string[] = [];
    await using listener = await listen({
      onPort: (port, request) => names.push(port.peerName, request.url ?? ""),
    });
    const socket = await rawUpgraded(listener.url);
    expect(names).toEqual([`127.0.0.1:${socket.localPort}`, "/"]);
    socket.destroy();
  });

  test("rejects when its address is taken", async () => {
    await using listener = await listen();
    const { port } = new URL(listener.url);
    await expect(listen({ port: Number(port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe("closing a listener", () => {
  test("closes every connection with 1001 and resolves when all are gone", async () => {
    const listener = await listen();
    const receivers = [new RecordingReceiver(), new RecordingReceiver()];
    for (const receiver of receivers) (await connectWebSocket(listener.url)).open(receiver);
    await Promise.all([listener.close(), listener.close()]);
    for (const receiver of receivers) {
      expect(await receiver.closedOnce()).toMatchObject({ initiator: "remote", code: 1001 });
    }
    await expect(connectWebSocket(listener.url)).rejects.toThrow("ECONNREFUSED");
  });

  test("cuts those that do not answer, after the grace", async () => {
    const clock = new FakeClock();
    const listener = await listen({ clock, closeGraceMs: 500, pingIntervalMs: 1e9 });
    const silent = await rawUpgraded(listener.url);
    const idle = await rawConnect(listener.url);
    idle.write("GET / HT");
    await until(() => listener.connectionCount === 1);
    const closed = listener.close();
    await clock.advance(499);
    expect(listener.connectionCount).toBe(1);
    await clock.advance(1);
    await closed;
    expect(listener.connectionCount).toBe(0);
    silent.destroy();
    idle.destroy();
  });
});

describe("a listener's heartbeat", () => {
  const idlePort = async (options: Partial<ListenWebSocketOptions>) => {
    const clock = new FakeClock();
    const receiver = new RecordingReceiver();
    const ports: FramePort[] = [];
    const listener = await listen({
      clock,
      onPort: (port) => {
        ports.push(port);
        port.open(receiver);
      },
      ...options,
    });
    return { clock, receiver, listener, ports };
  };

  test("pings every 30 s and needs no pong by default", async () => {
    const { clock, receiver, listener } = await idlePort({});
    const socket = await rawUpgraded(listener.url);
    let bytes = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
    });
    await clock.advance(29_999);
    await turns();
    expect(bytes.length).toBe(0);
    await clock.advance(1);
    await until(() => bytes.length === 2);
    await clock.advance(600_000);
    await until(() => bytes.length === 2 * 21);
    expect(bytes.subarray(0, 2)).toEqual(Buffer.from([0x89, 0]));
    expect(receiver.closes).toEqual([]);
    socket.destroy();
    await listener.close();
  });

  test("declares a silent peer dead when told to", async () => {
    const { clock, receiver, listener } = await idlePort({ pongTimeoutMs: 10_000 });
    const socket = await rawUpgraded(listener.url);
    await until(() => listener.connectionCount === 1);
    await clock.advance(40_049);
    expect(receiver.closes).toEqual([]);
    await clock.advance(1_000);
    expect(await receiver.closedOnce()).toMatchObject({
      initiator: "fault",
      reason: expect.stringContaining("10000 ms"),
    });
    socket.destroy();
    await listener.close();
  });

  test("lets a peer live that answers", async () => {
    const { clock, receiver, listener } = await idlePort({ pongTimeoutMs: 10_000 });
    const port = await connectWebSocket(listener.url);
    port.open(new RecordingReceiver());
    for (let second = 0; second < 100; second += 1) {
      await clock.advance(1_000);
      await turns();
    }
    expect(receiver.closes).toEqual([]);
    port.destroy("done");
    await listener.close();
  });

  test("measures silence from the last word that was heard", async () => {
    const { clock, receiver, listener, ports } = await idlePort({ pingIntervalMs: 2_000, pongTimeoutMs: 11_000 });
    const socket = await rawUpgraded(listener.url);
    await until(() => ports.length === 1);
    await clock.advance(2_000);
    // A word, then nothing any more: its own ping, because the answer shows that it was heard.
    let isAnswered = false;
    socket.on("data", (chunk: Buffer) => {
      isAnswered ||= chunk.includes(0x8a);
    });
    socket.write(Buffer.from([0x89, 0x80, 0, 0, 0, 0]));
    await until(() => isAnswered);
    await clock.advance(10_900);
    expect(receiver.closes).toEqual([]);
    await clock.advance(900);
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "fault" });
    socket.destroy();
    await listener.close();
  });

  test("does not blame a peer while its port is paused", async () => {
    const { clock, receiver, listener, ports } = await idlePort({ pongTimeoutMs: 10_000 });
    const socket = await rawUpgraded(listener.url);
    await until(() => ports.length === 1);
    ports[0]?.pause();
    await clock.advance(300_000);
    expect(receiver.closes).toEqual([]);
    ports[0]?.resume();
    await clock.advance(60_000);
    await receiver.closedOnce();
    socket.destroy();
    await listener.close();
  });
});

test("a server peer goes on serving after 10,000 random frames on raw sockets and on a websocket", async () => {
  let unexpected = 0;
  await using listener = await listen({
    onPort: (port) =>
      createPeer({
        port,
        codec: jsonCodec,
        server: {
          call: ({ params }) => params,
          notice: () => {
            throw new Error("no notice is known");
          },
        },
        strayAnswers: "close",
        onBug: () => {
          unexpected += 1;
        },
      }),
  });
  const random = mulberry32(20_251_121);
  for (let sent = 0; sent < 10_000; ) {
    const socket = await rawUpgraded(listener.url);
    const ended = once(socket, "close");
    socket.resume();
    const batch = Math.min(10_000 - sent, 1 + Math.floor(random() * 400));
    for (let index = 0; index < batch && socket.writable; index += 1) socket.write(randomFrame(random));
    sent += batch;
    socket.end();
    await Promise.race([ended, until(() => socket.destroyed || socket.readableEnded)]);
    socket.destroy();
  }
  const client = createPeer({ port: await connectWebSocket(listener.url), codec: jsonCodec });
  expect(await client.call("echo", "still here")).toBe("still here");
  client.close();
  expect(unexpected).toBe(0);
});

/** A small generator with a seed, so that a failure can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SAMPLES = [
  '{"id":1,"method":"echo","params":{}}',
  '{"id":1,"result":2}',
  '{"method":"n"}',
  '{"id":null,"method":"x"}',
  "[]",
  '"',
  "\ufeff{}",
  "[".repeat(5_000),
];

function randomFrame(random: () => number): Buffer {
  const kind = random();
  const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256)));
  if (kind < 0.02) return bytes;
  const text = Buffer.from(SAMPLES[Math.floor(random() * SAMPLES.length)] ?? "");
  const body = kind < 0.4 ? bytes : kind < 0.6 ? text.subarray(0, Math.floor(random() * text.length)) : text;
  const opcode = kind < 0.97 ? 1 + Math.floor(random() * 2) : Math.floor(random() * 16);
  return Buffer.concat([frameHead(opcode, body.length, random() < 0.98), body]);
}
