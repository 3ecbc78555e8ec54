import { once } from "node:events";
import { connect, createServer, type Server, Socket } from "node:net";
import { BinaryFrame, createPeer, type FramePort, type InboundFrame } from "@holdfast/rpc";
import { dataOf, jsonCodec, RecordingReceiver } from "@holdfast/rpc/testing";
import {
  connectWebSocket,
  type ListenWebSocketOptions,
  listenWebSocket,
  WEBSOCKET_LIMITS,
} from "@holdfast/rpc/websocket";
import { FakeClock, leakGuard, until } from "@holdfast/testkit";
import { describe, expect, test, vi } from "vitest";
import { serverOf, turns } from "../peers.ts";
import { webSocketPair } from "./pair.ts";
import { closeFrameOf, frameHead, rawUpgraded } from "./raw.ts";

const MIB = 1024 * 1024;

/** A listener whose first port is open and recorded. */
async function recordedListener(options: Partial<ListenWebSocketOptions> = {}) {
  const receiver = new RecordingReceiver();
  const ports: FramePort[] = [];
  const listener = await listenWebSocket({
    host: "127.0.0.1",
    port: 0,
    onPort: (port) => {
      ports.push(port);
      port.open(receiver);
    },
    ...options,
  });
  return { listener, receiver, ports };
}

function bytesOf(socket: Socket): { readonly all: () => Buffer } {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { all: () => Buffer.concat(chunks) };
}

/** A TCP server that lets a test answer by hand. */
async function fakeServer(onSocket: (socket: Socket) => void): Promise<{ url: string; server: Server }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { server, url: `ws://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
}

describe("connectWebSocket", () => {
  test.each(["", "nonsense", "http//x", "ftp://127.0.0.1", "ws://127.0.0.1:99999", "ws://127.0.0.1/#fragment"])(
    "refuses the URL %j as not usable",
    async (url) => {
      await expect(connectWebSocket(url)).rejects.toMatchObject({
        name: "LinkError",
        code: "closed",
        delivery: "not-sent",
        message: expect.stringContaining("URL is not usable"),
      });
    },
  );

  test("says that nobody listens", async () => {
    const { server, url } = await fakeServer(() => {});
    server.close();
    await once(server, "close");
    await expect(connectWebSocket(url)).rejects.toMatchObject({
      code: "closed",
      delivery: "not-sent",
      message: expect.stringContaining(`cannot connect to ${url}: connect ECONNREFUSED`),
    });
  });

  test("gives up on a server that never answers the handshake", async () => {
    await using guard = leakGuard();
    expect(guard).toBeDefined();
    const clock = new FakeClock();
    const sockets: Socket[] = [];
    const { server, url } = await fakeServer((socket) => sockets.push(socket.resume()));
    const attempt = connectWebSocket(url, { clock, connectTimeoutMs: 700 });
    const outcome = expect(attempt).rejects.toMatchObject({ code: "timeout", delivery: "not-sent" });
    await until(() => sockets.length === 1);
    await clock.advance(700);
    await outcome;
    await until(() => sockets[0]?.readableEnded || sockets[0]?.destroyed);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test("gives up on a server that drips an endless answer", async () => {
    const clock = new FakeClock();
    let dripped = 0;
    const { server, url } = await fakeServer((socket) => {
      socket.write("HTTP/1.1 101 Switching");
      dripped += 1;
    });
    const attempt = connectWebSocket(url, { clock });
    const outcome = expect(attempt).rejects.toMatchObject({
      code: "timeout",
      message: expect.stringContaining("10000"),
    });
    await until(() => dripped === 1);
    await clock.advance(10_000);
    await outcome;
    server.close();
  });

  test("can be aborted before and during the attempt", async () => {
    const sockets: Socket[] = [];
    const { server, url } = await fakeServer((socket) => sockets.push(socket));
    await expect(connectWebSocket(url, { signal: AbortSignal.abort("early") })).rejects.toMatchObject({
      code: "aborted",
      delivery: "not-sent",
      cause: "early",
    });
    const controller = new AbortController();
    const attempt = connectWebSocket(url, { signal: controller.signal });
    const outcome = expect(attempt).rejects.toMatchObject({ code: "aborted", cause: "late" });
    await until(() => sockets.length === 1);
    controller.abort("late");
    await outcome;
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test.each([
    ["another status", "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n", "418 I'm a teapot"],
    ["a redirect", "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "302 Found"],
    [
      "a wrong key",
      "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n",
      "Accept",
    ],
    ["no HTTP", "hello there\r\n\r\n", "Parse Error"],
    ["nothing", "", "socket hang up"],
  ])("rejects a handshake that is answered with %s", async (_what, answer, text) => {
    const { server, url } = await fakeServer((socket) => socket.once("data", () => socket.end(answer)));
    await expect(connectWebSocket(url)).rejects.toMatchObject({
      code: "closed",
      delivery: "not-sent",
      message: expect.stringContaining(text),
    });
    server.close();
  });

  test.each([
    ["a line of text", "text/plain", "who are you?\r\nSecond line", ": who are you?"],
    ["more than anybody reads", "text/plain; charset=utf-8", "x".repeat(100_000), `: ${"x".repeat(1_024)}`],
    ["a text that does not come", "text/plain", undefined, ""],
    ["a page", "text/html", "<h1>no</h1>", ""],
  ])("tells why it was refused, with its status: %s", async (_what, type, body, told) => {
    const sockets = new Set<Socket>();
    const head = `HTTP/1.1 401 Unauthorized\r\nContent-Type: ${type}\r\nContent-Length: ${body?.length ?? 9}\r\n\r\n`;
    const { server, url } = await fakeServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("data", () => socket.write(head + (body ?? "")));
    });
    const clock = new FakeClock();
    const refused = connectWebSocket(url, { clock }).catch((error: unknown) => error);
    if (body === undefined) {
      // That of the attempt, and that of the text.
      await until(() => clock.pendingTimers === 2);
      await clock.advance(WEBSOCKET_LIMITS.refusalTimeoutMs);
    }
    expect(await refused).toMatchObject({
      code: "closed",
      message: expect.stringMatching(new RegExp(`answered with 401 Unauthorized${told.replace("?", "\\?")}$`)),
      cause: { name: "HandshakeRefused", status: 401 },
    });
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test("tells nothing that is secret in the address", async () => {
    for (const address of ["ws://me:secret@127.0.0.1:1/a?token=secret", "ws://me:secret@127.0.0.1:99999/#secret"]) {
      const refused = await connectWebSocket(address).catch((error: unknown) => error);
      expect(refused).toMatchObject({ message: expect.stringMatching(/^cannot connect to ws:\/\/\*\*\*@127/) });
      expect(String((refused as Error).message)).not.toContain("secret");
    }
  });

  test("sends the headers it was given and no Origin", async () => {
    const seen: (string | undefined)[] = [];
    await using listener = await listenWebSocket({
      host: "127.0.0.1",
      port: 0,
      onPort: (port, request) => {
        seen.push(request.headers.authorization, request.headers.origin, request.headers["sec-websocket-extensions"]);
        port.destroy("seen");
      },
    });
    await connectWebSocket(listener.url, { headers: { Authorization: "Bearer x" } });
    expect(seen).toEqual(["Bearer x", undefined, undefined]);
  });

  test("ignores an abort once it is connected", async () => {
    const controller = new AbortController();
    await using pair = await webSocketPair();
    const port = await connectWebSocket(pair.url, { signal: controller.signal });
    const receiver = new RecordingReceiver();
    port.open(receiver);
    controller.abort();
    await turns();
    expect(receiver.closes).toEqual([]);
    port.destroy("done");
  });
});

describe("the size of websocket messages", () => {
  test("a frame of exactly the limit of messages passes; one more byte closes with 1009 and a reason", async () => {
    const { listener, receiver } = await recordedListener({ maxMessageBytes: 20 * MIB });
    const socket = await rawUpgraded(listener.url);
    const bytes = bytesOf(socket);
    socket.write(frameHead(1, 20 * MIB));
    socket.write(Buffer.alloc(20 * MIB, "x"));
    await receiver.framesArrived(1);
    expect(receiver.frames[0]?.length).toBe(20 * MIB);
    socket.write(frameHead(1, 20 * MIB + 1));
    await until(() => closeFrameOf(bytes.all()));
    expect(closeFrameOf(bytes.all())).toEqual({
      code: 1009,
      reason: "frame of 20971521 bytes exceeds the limit of 20971520",
    });
    socket.destroy();
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "fault", code: 1009 });
    await listener.close();
  });

  test.each([
    ["text", (message: string) => message],
    ["bytes", (message: string) => Buffer.from(message)],
  ])("what is longer than every peer's largest frame goes in fragments, both ways: %s", async (_, framed) => {
    // No listener that takes larger frames is needed, and nor is one on the other side.
    await using pair = await webSocketPair({}, { maxFrameBytes: 16 * MIB });
    const ends = [pair.left, pair.right].map((port) => {
      const receiver = new RecordingReceiver();
      port.open(receiver);
      return { port, receiver };
    });
    // Characters of two bytes, and one more: a fragment ends within one.
    const message = `x${"é".repeat(17 * MIB)}`;
    for (const { port } of ends) {
      port.send(framed(message));
      port.send("after");
    }
    for (const { receiver } of ends) {
      await receiver.framesArrived(2);
      expect(receiver.frames[0] === message).toBe(true);
      expect(receiver.frames[1]).toBe("after");
    }
  });

  test("the close frame is not lost on a client that goes on sending", async () => {
    const { listener } = await recordedListener({ maxFrameBytes: 1_000 });
    const port = await connectWebSocket(listener.url);
    const receiver = new RecordingReceiver();
    port.open(receiver);
    for (let index = 0; index < 20; index += 1) port.send("x".repeat(MIB));
    expect(await receiver.closedOnce()).toMatchObject({
      initiator: "remote",
      code: 1009,
      reason: expect.stringContaining("exceeds the limit of 1000"),
    });
    await listener.close();
  });

  test("fragments may add up to the message limit, not beyond it", async () => {
    const { listener, receiver } = await recordedListener({ maxFrameBytes: 1_000, maxMessageBytes: 2_500 });
    const socket = await rawUpgraded(listener.url);
    const bytes = bytesOf(socket);
    const part = (opcode: number, length: number, fin: boolean): void => {
      // In pieces of one byte: a head may arrive in as many chunks as it has bytes.
      for (const byte of frameHead(opcode, length, fin)) socket.write(Buffer.from([byte]));
      socket.write(Buffer.alloc(length, "x"));
    };
    part(1, 1_000, false);
    part(9, 5, true);
    part(0, 1_000, false);
    part(0, 500, true);
    await receiver.framesArrived(1);
    expect(receiver.frames[0]?.length).toBe(2_500);
    part(1, 1_000, false);
    part(0, 1_000, false);
    part(0, 501, true);
    expect((await receiver.closedOnce()).code).toBe(1009);
    await until(() => closeFrameOf(bytes.all().subarray(7)));
    expect(closeFrameOf(bytes.all().subarray(7))).toMatchObject({ code: 1009 });
    expect(receiver.frames).toHaveLength(1);
    socket.destroy();
    await listener.close();
  });

  test("a length beyond 2^53 closes the line and not the process", async () => {
    const { listener, receiver } = await recordedListener();
    const socket = await rawUpgraded(listener.url);
    socket.write(Buffer.from([0x81, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]));
    expect((await receiver.closedOnce()).initiator).toBe("fault");
    socket.destroy();
    await listener.close();
  });

  test("a client takes larger frames than a listener, up to its own limit", async () => {
    await using pair = await webSocketPair();
    const receiver = new RecordingReceiver();
    pair.left.open(receiver);
    pair.right.open(new RecordingReceiver());
    pair.right.send("x".repeat(28 * MIB));
    await receiver.framesArrived(1);
    expect(receiver.frames[0]?.length).toBe(28 * MIB);
  });
});

describe("hostile bytes on a websocket", () => {
  test.each([
    ["text that is no UTF-8", [0x81, 0x81, 0, 0, 0, 0, 0xff]],
    ["an unmasked frame", [0x81, 0x01, 0x41]],
    ["a reserved bit", [0xc1, 0x80, 0, 0, 0, 0]],
    ["an unknown opcode", [0x83, 0x80, 0, 0, 0, 0]],
    ["a continuation of nothing", [0x80, 0x80, 0, 0, 0, 0]],
    ["a fragmented ping", [0x09, 0x80, 0, 0, 0, 0]],
    ["a forbidden close code", [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed]],
  ])("%s ends the line as a fault, and the listener serves on", async (_what, bytes) => {
    const { listener, receiver, ports } = await recordedListener();
    const socket = await rawUpgraded(listener.url);
    socket.write(Buffer.from(bytes));
    const close = await receiver.closedOnce();
    expect(close.initiator).toBe("fault");
    expect(close.reason).not.toBe("");
    socket.destroy();
    (await connectWebSocket(listener.url)).destroy("works");
    await until(() => ports.length === 2);
    await listener.close();
  });

  test("a binary message is handed up as one", async () => {
    const { listener, ports } = await recordedListener({
      onPort: (port) => {
        port.open({ frame: (frame) => frames.push(frame), drained: () => {}, closed: () => {} });
      },
    });
    const frames: InboundFrame[] = [];
    const socket = await rawUpgraded(listener.url);
    socket.write(Buffer.concat([frameHead(2, 2), Buffer.from([0xff, 0x00])]));
    socket.write(Buffer.concat([frameHead(1, 2), Buffer.from("ok")]));
    await until(() => frames.length === 2);
    expect(frames[0]).toBeInstanceOf(BinaryFrame);
    expect(frames.map((frame) => dataOf(frame))).toEqual([Buffer.from([0xff, 0x00]), "ok"]);
    expect(ports).toEqual([]);
    socket.destroy();
    await listener.close();
  });

  test("a reset is a fault with its cause", async () => {
    const { listener, receiver, ports } = await recordedListener();
    const socket = await rawUpgraded(listener.url);
    await until(() => ports.length === 1);
    socket.resetAndDestroy();
    expect(await receiver.closedOnce()).toMatchObject({
      initiator: "fault",
      reason: expect.stringContaining("ECONNRESET"),
      cause: { code: "ECONNRESET" },
    });
    await listener.close();
  });

  test("a connection that just ends was ended by the far end, without a close frame", async () => {
    const { listener, receiver } = await recordedListener();
    const socket = await rawUpgraded(listener.url);
    socket.end();
    expect(await receiver.closedOnce()).toMatchObject({
      initiator: "remote",
      code: 1006,
      reason: expect.stringContaining("without a close frame"),
    });
    await listener.close();
  });

  test("pings of the far end are answered", async () => {
    const { listener } = await recordedListener();
    const socket = await rawUpgraded(listener.url);
    const bytes = bytesOf(socket);
    socket.write(Buffer.concat([frameHead(9, 2), Buffer.from("hi")]));
    await until(() => bytes.all().length > 0);
    expect(bytes.all()).toEqual(Buffer.from([0x8a, 2, 0x68, 0x69]));
    socket.destroy();
    await listener.close();
  });

  test("a reader that stops reading leaves the queue within the mark and one frame", async () => {
    const { listener, ports } = await recordedListener({ highWaterBytes: MIB, lowWaterBytes: MIB / 4 });
    const socket = await rawUpgraded(listener.url);
    socket.pause();
    await until(() => ports.length === 1);
    const [port] = ports;
    if (port === undefined) throw new Error("unreachable");
    const frame = "x".repeat(100_000);
    let most = 0;
    let fullTurns = 0;
    while (fullTurns < 100) {
      if (port.writable) port.send(frame);
      else fullTurns += 1;
      most = Math.max(most, port.queuedBytes);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(most).toBeGreaterThanOrEqual(MIB);
    expect(most).toBeLessThan(MIB + frame.length + 100);
    socket.destroy();
    await listener.close();
  });
});

describe("writing to a websocket", () => {
  test("joins all frames of one turn into one write", async () => {
    await using pair = await webSocketPair();
    const receiver = new RecordingReceiver();
    pair.left.open(new RecordingReceiver());
    pair.right.open(receiver);
    const joined = vi.spyOn(Socket.prototype as unknown as { _writev: () => void }, "_writev");
    const single = vi.spyOn(Socket.prototype, "_write");
    try {
      for (let index = 0; index < 100; index += 1) pair.left.send(`${index}`);
      await receiver.framesArrived(100);
      expect([joined.mock.calls.length, single.mock.calls.length]).toEqual([1, 0]);
    } finally {
      joined.mockRestore();
      single.mockRestore();
    }
  });

  test.each(["left", "right"] as const)("counts what is queued in bytes (%s)", async (side) => {
    await using pair = await webSocketPair();
    const frames = 20 * MIB;
    pair[side].send("é".repeat(frames / 2));
    // Nothing has been handed to the operating system within the turn.
    expect(pair[side].queuedBytes).toBeGreaterThanOrEqual(frames);
    // Two fragments, with a head each.
    expect(pair[side].queuedBytes).toBeLessThan(frames + 40);
  });

  test("sets TCP_NODELAY on both sides", async () => {
    const noDelay = vi.spyOn(Socket.prototype, "setNoDelay");
    try {
      await using pair = await webSocketPair();
      const sockets = new Set(noDelay.mock.contexts);
      expect(sockets.size).toBeGreaterThanOrEqual(2);
      expect(noDelay.mock.calls.every(([on]) => on === undefined || on)).toBe(true);
      pair.left.destroy("done");
    } finally {
      noDelay.mockRestore();
    }
  });

  test("cuts a close reason to what a close frame holds, between characters", async () => {
    await using pair = await webSocketPair();
    const receiver = new RecordingReceiver();
    pair.left.open(new RecordingReceiver());
    pair.right.open(receiver);
    pair.left.close(4000, "é".repeat(100));
    expect((await receiver.closedOnce()).reason).toBe(`peer closed the connection (4000): ${"é".repeat(61)}`);
  });

  test.each([0, 999, 1005, 1006, 5000, 1.5, Number.NaN])(
    "turns the impossible close code %d into 1011",
    async (code) => {
      await using pair = await webSocketPair();
      const receiver = new RecordingReceiver();
      pair.left.open(new RecordingReceiver());
      pair.right.open(receiver);
      pair.left.close(code, "x");
      expect((await receiver.closedOnce()).code).toBe(1011);
    },
  );
});

test("10,000 calls pipelined each way over a websocket with tiny water marks all finish", async () => {
  await using pair = await webSocketPair({ highWaterBytes: 2_048, lowWaterBytes: 256 });
  const options = {
    codec: jsonCodec,
    server: serverOf({ echo: (params) => params }),
    limits: { maxPendingCalls: 10_000, maxRunningCalls: 100 },
  };
  const left = createPeer({ port: pair.left, ...options });
  const right = createPeer({ port: pair.right, ...options });
  const payload = "x".repeat(1_000);
  const flood = (from: typeof left) => Array.from({ length: 10_000 }, () => from.call("echo", payload));
  const answers = await Promise.all([...flood(left), ...flood(right)]);
  expect(answers.every((answer) => answer === payload)).toBe(true);
});

test("300 connections that come and go leave nothing behind", async () => {
  await using guard = leakGuard();
  expect(guard).toBeDefined();
  const { listener } = await recordedListener({ onPort: (port) => port.open(new RecordingReceiver()) });
  const { hostname, port } = new URL(listener.url);
  for (let index = 0; index < 300; index += 1) {
    if (index % 3 === 0) (await connectWebSocket(listener.url)).destroy("gone");
    else if (index % 3 === 1) (await rawUpgraded(listener.url)).resetAndDestroy();
    else await once(connect(Number(port), hostname), "connect").then(() => {});
  }
  await until(() => listener.connectionCount === 0);
  await listener.close();
});
