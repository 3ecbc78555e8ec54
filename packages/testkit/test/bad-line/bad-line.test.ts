import { BadLine, leakGuard, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { rawClient, rawServer } from "./raw-peers.ts";

async function pair(options: Parameters<typeof BadLine.to>[1] = {}) {
  const server = await rawServer();
  const line = await BadLine.to(server.url, options);
  const client = await rawClient(line.url);
  const far = await server.end(0);
  const dispose = async (): Promise<void> => {
    client[Symbol.dispose]();
    await line[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { server, line, client, far, [Symbol.asyncDispose]: dispose };
}

/** A round trip: what was to come before it has come. */
async function roundTrip({ client, far }: Awaited<ReturnType<typeof pair>>): Promise<void> {
  const [up, down] = [far.received.length, client.received.length];
  client.socket.write("?");
  await until(() => far.received.length > up);
  far.socket.write("!");
  await until(() => client.received.length > down);
}

describe("a line that nothing was done to", () => {
  test("carries bytes and clean ends both ways, and leaves nothing behind", async () => {
    await using _ = leakGuard();
    await using ends = await pair();
    const block = Buffer.alloc(3_000_000, "ab");
    ends.client.socket.end(block);
    await until(() => ends.far.ended);
    expect(ends.far.received.equals(block)).toBe(true);
    await until(() => ends.client.closed && ends.line.openCount === 0);
    expect([ends.client.error, ends.far.error]).toEqual([undefined, undefined]);
    expect(ends.line.bytesOf("up")).toBe(block.length);
    expect(ends.line.connectionCount).toBe(1);
  });

  test("keeps the path and the query of the target", async () => {
    await using server = await rawServer();
    await using line = await BadLine.to(`${server.url}/a/b?c=d`);
    expect(new URL(line.url)).toMatchObject({ protocol: "ws:", pathname: "/a/b", search: "?c=d" });
    expect(new URL(line.url).port).not.toBe(new URL(server.url).port);
  });

  test("to a server that is not there resets whoever comes", async () => {
    const server = await rawServer();
    await server[Symbol.asyncDispose]();
    await using line = await BadLine.to(server.url);
    using client = await rawClient(line.url);
    await until(() => client.closed);
    expect(line.openCount).toBe(0);
  });

  test("tells one end's reset to the other", async () => {
    await using ends = await pair();
    await roundTrip(ends);
    ends.far.socket.resetAndDestroy();
    await until(() => ends.client.closed);
    expect(ends.client.error).toBe("ECONNRESET");
  });
});

describe("cut", () => {
  test("resets both ends, and the next connection goes through", async () => {
    await using ends = await pair();
    await roundTrip(ends);
    ends.line.cut();
    await until(() => ends.client.closed && ends.far.closed);
    expect([ends.client.error, ends.far.error]).toEqual(["ECONNRESET", "ECONNRESET"]);
    using next = await rawClient(ends.line.url);
    next.socket.write("again");
    const far = await ends.server.end(1);
    await until(() => far.text === "again");
    expect(ends.line.connectionCount).toBe(2);
  });

  test.each(["up", "down"] as const)("strikes after an exact number of bytes %s, once", async (direction) => {
    await using ends = await pair();
    await roundTrip(ends);
    const [from, to] = direction === "up" ? [ends.client, ends.far] : [ends.far, ends.client];
    const before = to.received.length;
    ends.line.cutAfter(direction, 7);
    from.socket.write("0123");
    await until(() => to.received.length === before + 4);
    from.socket.write("456789");
    await until(() => to.closed && from.closed);
    expect(to.text.slice(before)).toBe("0123456");
    using next = await rawClient(ends.line.url);
    const far = await ends.server.end(1);
    next.socket.write("0123456789");
    far.socket.write("0123456789");
    await until(() => far.received.length === 10 && next.received.length === 10);
  });
});

describe("stall", () => {
  test("passes nothing and tells nobody, not even that the other end is gone; resume passes it on", async () => {
    await using ends = await pair();
    await roundTrip(ends);
    ends.line.stall();
    ends.client.socket.write("late");
    ends.client.socket.end();
    // A connection made after the stall is not stalled: its round trip is proof that the time was there.
    using other = await rawClient(ends.line.url);
    const far = await ends.server.end(1);
    other.socket.write("x");
    await until(() => far.text === "x");
    expect(ends.far).toMatchObject({ text: "?", ended: false, closed: false });
    ends.line.resume();
    await until(() => ends.far.ended);
    expect(ends.far.text).toBe("?late");
  });

  test("hides a reset until it is lifted", async () => {
    await using ends = await pair();
    await roundTrip(ends);
    ends.line.stall();
    ends.client.socket.resetAndDestroy();
    using other = await rawClient(ends.line.url);
    await ends.server.end(1);
    expect(ends.far.closed).toBe(false);
    expect(other.closed).toBe(false);
    ends.line.resume();
    await until(() => ends.far.closed);
    expect(ends.far.error).toBe("ECONNRESET");
  });

  test("may begin after an exact number of bytes; the rest comes when it is lifted", async () => {
    await using ends = await pair();
    ends.line.stallAfter("up", 3);
    ends.client.socket.write("abcdef");
    await until(() => ends.far.text === "abc");
    using other = await rawClient(ends.line.url);
    other.socket.write("x");
    const far = await ends.server.end(1);
    await until(() => far.text === "x");
    expect(ends.far.text).toBe("abc");
    ends.line.resume();
    await until(() => ends.far.text === "abcdef");
  });
});

describe("a delay", () => {
  test("holds every byte for its time each way, in order, and the end after them", async () => {
    await using ends = await pair({ delayMs: 40 });
    const startMs = performance.now();
    for (let number = 0; number < 200; number += 1) ends.client.socket.write(`${number};`);
    ends.client.socket.end();
    await until(() => ends.far.ended);
    // A lower bound only: timers of a busy machine are late, never early.
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(39);
    expect(ends.far.text).toBe(Array.from({ length: 200 }, (_, number) => `${number};`).join(""));
  });

  test("forgets what was under way when it is cut", async () => {
    await using _ = leakGuard();
    await using ends = await pair({ delayMs: 60_000 });
    ends.client.socket.write("never");
    ends.line.cut();
    await until(() => ends.client.closed && ends.far.closed);
    expect(ends.far.text).toBe("");
  });
});

describe("a slow reader", () => {
  test("that stops after a number of bytes leaves the sender with the rest", async () => {
    await using ends = await pair({ slowClient: { stopAfterBytes: 1_000 } });
    ends.far.socket.write(Buffer.alloc(64 * 1_048_576, "x"));
    await until(() => ends.client.received.length === 1_000);
    expect(ends.far.socket.writableLength).toBeGreaterThan(0);
    await roundTripUp(ends);
    expect(ends.client.received.length).toBe(1_000);
  });

  test("passes everything in the end, and no more at a time than it was told", async () => {
    await using ends = await pair({ slowServer: { bytesPerSecond: 100_000 } });
    const startMs = performance.now();
    ends.client.socket.end(Buffer.alloc(10_000, "x"));
    await until(() => ends.far.ended);
    expect(ends.far.received.length).toBe(10_000);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(80);
  });
});

async function roundTripUp({ client, far }: Awaited<ReturnType<typeof pair>>): Promise<void> {
  client.socket.write("up");
  await until(() => far.text.endsWith("up"));
}

test("refuse resets new connections while it is in force and leaves the old ones alone", async () => {
  await using ends = await pair();
  ends.line.refuse();
  using refused = await rawClient(ends.line.url).catch(() => ({ closed: true, [Symbol.dispose]: () => {} }));
  await until(() => refused.closed);
  await roundTrip(ends);
  expect([ends.line.refusedCount, ends.line.connectionCount]).toEqual([1, 1]);
  ends.line.admit();
  using next = await rawClient(ends.line.url);
  await ends.server.end(1);
  expect(next.closed).toBe(false);
});
