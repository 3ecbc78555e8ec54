import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { SERVICE_LIMITS } from "@holdfast/relay/service";
import { revokeToken } from "@holdfast/relay/tokens";
import {
  encodeFrame,
  HOLDS_STREAMS_HEADER,
  RELAY_LIMITS,
  RESET_REASON,
  type RelayFrame,
} from "@holdfast/relay-protocol";
import { HandshakeRefused } from "@holdfast/rpc/websocket";
import { until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import {
  bundle,
  connectedExecutor,
  registered,
  settled,
  type TestExecutor,
  type TestRelay,
  TestSocket,
  testRelay,
} from "./test-relay.ts";

function resume(streamId: string): Uint8Array {
  return encodeFrame({ streamId, body: { kind: "resume", nextSequence: 0 } });
}

function data(streamId: string, sequence: number, bytes = 32): Uint8Array {
  return encodeFrame({ streamId, body: { kind: "data", sequence, payload: new Uint8Array(bytes).fill(7) } });
}

function hold(streamId: string, isHeld: boolean): Uint8Array {
  return encodeFrame({ streamId, body: { kind: "heartbeat", hold: isHeld } });
}

interface Joined {
  readonly executor: TestExecutor;
  readonly client: string;
  readonly harness: TestSocket;
  readonly streamId: string;
}

/** An executor, and a harness with a stream to it. */
async function joined(relay: TestRelay, headers?: Readonly<Record<string, string>>): Promise<Joined> {
  const executor = await connectedExecutor(relay, undefined, headers);
  const client = await relay.token("client", "*");
  const { harness, streamId } = await opened(relay, client, executor);
  return { executor, client, harness, streamId };
}

async function opened(relay: TestRelay, client: string, executor: TestExecutor, streamId = randomUUID() as string) {
  const { url } = await bundle(relay, client);
  const harness = await TestSocket.open(url);
  harness.send(resume(streamId));
  await until(() => framesOf(executor, streamId).length > 0);
  return { harness, streamId };
}

function framesOf({ socket }: TestExecutor, streamId: string): readonly RelayFrame[] {
  return socket.frames.filter((frame) => frame.streamId === streamId);
}

function kindsOf(frames: readonly RelayFrame[]): readonly string[] {
  return frames.map(({ body }) => body.kind);
}

/** How a handshake at a URL is refused. */
async function refusal(url: string): Promise<HandshakeRefused> {
  try {
    (await TestSocket.open(url)).port.destroy("not wanted");
  } catch (error) {
    if (error instanceof Error && error.cause instanceof HandshakeRefused) return error.cause;
    throw error;
  }
  throw new Error("it was let in");
}

/** What stands in the answer to a handshake, by a socket of its own. */
async function rawHandshake(url: string): Promise<string> {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const text = await answerOf(socket);
  socket.destroy();
  return text;
}

async function answerOf(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes("\r\n\r\n")) break;
  }
  return text;
}

test("carries frames of both sides, byte for byte and in order", async () => {
  await using relay = await testRelay();
  const { executor, harness, streamId } = await joined(relay);
  const up = Array.from({ length: 200 }, (_, index) => data(streamId, index, 1 + index * 7));
  const down = Array.from({ length: 200 }, (_, index) => data(streamId, index, 61_440));
  for (const frame of up) harness.send(frame);
  for (const frame of down) executor.socket.send(frame);
  // Among them may be what the relay asks for itself: to hold the stream for a moment.
  const carried = (): readonly Uint8Array[] =>
    executor.socket.bytes.filter((_, index) => executor.socket.frames[index]?.body.kind === "data");
  await until(() => harness.bytes.length === 200 && carried().length === 200);
  expect(harness.bytes.every((bytes, index) => Buffer.compare(bytes, down[index] ?? bytes.subarray(1)) === 0)).toBe(
    true,
  );
  expect(carried().every((bytes, index) => Buffer.compare(bytes, up[index] ?? bytes.subarray(1)) === 0)).toBe(true);
});

test("carries a message of the most bytes, and ends a socket that sends one more", async () => {
  await using relay = await testRelay();
  const { executor, harness, streamId } = await joined(relay);
  const overhead = data(streamId, 1, 200_000).byteLength - 200_000;
  const largest = data(streamId, 1, RELAY_LIMITS.maxMessageBytes - overhead);
  harness.send(largest);
  await until(() => executor.socket.bytes.length === 2);
  harness.send(data(streamId, 1, RELAY_LIMITS.maxMessageBytes - overhead + 1));
  expect((await harness.closed()).code).toBe(1009);
  await until(() => kindsOf(framesOf(executor, streamId)).at(-1) === "reset");
});

test("ends a socket that sends a text, on either side", async () => {
  await using relay = await testRelay();
  const { executor, harness } = await joined(relay);
  harness.port.send("{}");
  expect((await harness.closed()).code).toBe(1003);
  executor.socket.port.send("{}");
  expect((await executor.socket.closed()).code).toBe(1003);
});

test("ends a harness that sends no frame, and drops that of an executor", async () => {
  await using relay = await testRelay();
  const { executor, harness, client } = await joined(relay);
  harness.send(Uint8Array.of(1, 2, 3));
  expect((await harness.closed()).code).toBe(1002);
  executor.socket.send(Uint8Array.of(1, 2, 3));
  const other = await opened(relay, client, executor);
  executor.socket.send(data(other.streamId, 0));
  await until(() => other.harness.frames.length === 1);
});

test("refuses a second owner of a stream, and leaves the first as it is", async () => {
  await using relay = await testRelay();
  const { executor, harness, streamId, client } = await joined(relay);
  const { url } = await bundle(relay, client);
  const thief = await TestSocket.open(url);
  thief.send(resume(streamId));
  expect((await thief.closed()).code).toBe(1013);
  executor.socket.send(data(streamId, 0));
  await until(() => harness.frames.length === 1);
  expect(thief.frames).toEqual([]);
  expect(kindsOf(framesOf(executor, streamId))).toEqual(["resume"]);
});

test("gives a socket of a harness one stream", async () => {
  await using relay = await testRelay();
  const { executor, harness } = await joined(relay);
  const other = randomUUID();
  harness.send(data(other, 0));
  expect((await harness.closed()).code).toBe(1008);
  expect(framesOf(executor, other)).toEqual([]);
});

test("tells the executor by one reset that a harness has left", async () => {
  await using relay = await testRelay();
  const { executor, harness, streamId } = await joined(relay);
  harness.port.destroy("gone");
  await until(() => framesOf(executor, streamId).length === 2);
  expect(framesOf(executor, streamId)[1]?.body).toEqual({ kind: "reset", reason: RESET_REASON });
});

test("closes the harnesses of an executor that has left", async () => {
  await using relay = await testRelay();
  const { executor, harness } = await joined(relay);
  executor.socket.port.destroy("gone");
  expect((await harness.closed()).code).toBe(1013);
});

test("closes an executor and its harnesses when it connects once more, by the same URL or by a newer one", async () => {
  await using relay = await testRelay();
  const { executor, harness, client } = await joined(relay);
  const second = await TestSocket.open(executor.url);
  expect((await executor.socket.closed()).code).toBe(1013);
  await harness.closed();
  const newer = await opened(relay, client, { ...executor, socket: second });
  const again = await registered(relay, "env-1", executor.token);
  const third = await TestSocket.open(again.url);
  await second.closed();
  await newer.harness.closed();
  expect(third.isClosed).toBe(false);
});

test("does not let an executor come back with the URL of a registration that was replaced", async () => {
  await using relay = await testRelay();
  const first = await registered(relay);
  await registered(relay, "env-1", first.token);
  const answer = await rawHandshake(first.url);
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  expect(answer).toContain("x-codex-rendezvous-rejection-reason: unexpected_executor_registration_id\r\n");
});

test.each<[string, (url: URL) => void]>([
  ["missing_role", (url) => url.searchParams.delete("role")],
  ["missing_version", (url) => url.searchParams.delete("version")],
  ["missing_expiry", (url) => url.searchParams.delete("expiry")],
  ["missing_signature", (url) => url.searchParams.delete("signature")],
  ["missing_executor_registration_id", (url) => url.searchParams.delete("executor_registration_id")],
  ["invalid_role", (url) => url.searchParams.set("role", "admin")],
  ["invalid_signature", (url) => url.searchParams.set("role", "harness")],
  ["invalid_signature", (url) => url.searchParams.set("version", "2")],
  ["invalid_signature", (url) => url.searchParams.set("expiry", "9999999999")],
  ["invalid_expiry", (url) => url.searchParams.set("expiry", "1e9")],
  ["invalid_signature", (url) => url.searchParams.set("credential", "another")],
  ["invalid_signature", (url) => url.searchParams.set("executor_registration_id", randomUUID())],
  ["invalid_signature", (url) => url.searchParams.set("signature", "AAAA")],
  ["extra_query_param", (url) => url.searchParams.set("more", "1")],
  ["malformed_query", (url) => url.searchParams.append("role", "executor")],
  ["unknown_route", (url) => (url.pathname = "/cloud/environment/env-1/other")],
  ["invalid_signature", (url) => (url.pathname = "/cloud/environment/env-2/rendezvous")],
])("refuses a URL with a change: %s", async (reason, change) => {
  await using relay = await testRelay();
  const { url } = await registered(relay);
  const changed = new URL(url);
  change(changed);
  const answer = await rawHandshake(changed.href);
  expect(answer).toContain(`x-codex-rendezvous-rejection-reason: ${reason}\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect((await rawHandshake(url)).startsWith("HTTP/1.1 101 ")).toBe(true);
});

test("refuses a URL after its time, so that whoever has it asks for another one", async () => {
  await using relay = await testRelay();
  const executor = await connectedExecutor(relay);
  const { url } = await bundle(relay, await relay.token("client"));
  await relay.clock.advance(SERVICE_LIMITS.authorizationMs + 1_000);
  expect(await rawHandshake(url)).toMatch(/ 401 [\s\S]*rejection-reason: expired/);
  await relay.clock.advance(SERVICE_LIMITS.executorUrlMs);
  expect(await rawHandshake(executor.url)).toMatch(/ 401 [\s\S]*rejection-reason: expired/);
});

test("refuses a harness by 503 while its executor is away", async () => {
  await using relay = await testRelay();
  const { executor, client } = await joined(relay);
  const { url } = await bundle(relay, client);
  executor.socket.port.destroy("gone");
  await until(() => relay.log.some(({ message }) => message === "executor disconnected"));
  expect(await rawHandshake(url)).toMatch(/ 503 [\s\S]*rejection-reason: route_unavailable/);
});

test("ends a harness that says nothing, and one that its executor does not answer", async () => {
  await using relay = await testRelay();
  const { executor, harness, streamId, client } = await joined(relay);
  const { url } = await bundle(relay, client);
  const silent = await TestSocket.open(url);
  const answered = await opened(relay, client, executor);
  executor.socket.send(data(answered.streamId, 0));
  await until(() => answered.harness.frames.length === 1);
  await relay.clock.advance(SERVICE_LIMITS.handshakeMs);
  expect((await silent.closed()).code).toBe(1008);
  expect((await harness.closed()).code).toBe(1008);
  await until(() => kindsOf(framesOf(executor, streamId)).at(-1) === "reset");
  expect(answered.harness.isClosed).toBe(false);
});

test("asks the executor to hold a stream whose harness does not read, and to go on when it does", async () => {
  await using relay = await testRelay();
  const { executor, harness, streamId, client } = await joined(relay);
  const other = await opened(relay, client, executor);
  harness.port.pause();
  let sent = 0;
  await until(() => {
    // More than what the system takes for a reader that does not read.
    if (kindsOf(framesOf(executor, streamId)).includes("heartbeat")) return true;
    executor.socket.send(data(streamId, sent, 61_440));
    sent += 1;
    return false;
  });
  expect(framesOf(executor, streamId).at(-1)?.body).toEqual({ kind: "heartbeat", hold: true });
  executor.socket.send(data(other.streamId, 0));
  await until(() => other.harness.frames.length === 1);
  harness.port.resume();
  await until(() => harness.frames.length === sent);
  await until(() => framesOf(executor, streamId).length === 3);
  expect(framesOf(executor, streamId).at(-1)?.body).toEqual({ kind: "heartbeat", hold: false });
  expect(harness.isClosed).toBe(false);
});

/** What waits in full sockets. */
async function queuedBytes(relay: TestRelay): Promise<number> {
  const { text } = await relay.call("/metrics", undefined, "", { method: "GET", body: null });
  return Number(/queued_bytes (\d+)/.exec(text)?.[1]);
}

/** Send for a harness that does not read until the relay takes no more of it. */
async function flood(relay: TestRelay, { executor, streamId }: Joined): Promise<number> {
  const { port } = executor.socket;
  let sent = 0;
  await until(async () => {
    for (let index = 0; port.queuedBytes === 0 && index < 16; index += 1) {
      executor.socket.send(data(streamId, sent, 200_000));
      sent += 1;
    }
    return (await queuedBytes(relay)) > SERVICE_LIMITS.stallAboveBytes && port.queuedBytes > 0;
  });
  return sent;
}

test("reads nothing of an executor that sends on for a harness that is slow, and loses nothing", async () => {
  await using relay = await testRelay();
  const joint = await joined(relay);
  const { harness, executor, client } = joint;
  const other = await opened(relay, client, executor);
  harness.port.pause();
  const sent = await flood(relay, joint);
  executor.socket.send(data(other.streamId, 0));
  harness.port.resume();
  await until(() => harness.frames.length === sent && other.harness.frames.length === 1);
  expect(harness.isClosed).toBe(false);
});

test("reads on of an executor that holds its streams, however long a harness takes", async () => {
  await using relay = await testRelay();
  const joint = await joined(relay, { [HOLDS_STREAMS_HEADER]: "1" });
  const { harness, executor, streamId, client } = joint;
  const other = await opened(relay, client, executor);
  executor.socket.send(data(other.streamId, 0));
  await until(() => other.harness.frames.length === 1);
  harness.port.pause();
  // What is on the way when it is asked to hold, and then no more.
  let sent = 0;
  await until(async () => {
    executor.socket.send(data(streamId, sent, 200_000));
    sent += 1;
    return (await queuedBytes(relay)) > 2 * SERVICE_LIMITS.stallAboveBytes;
  });
  await relay.clock.advance(SERVICE_LIMITS.maxStallMs);
  executor.socket.send(data(other.streamId, 1));
  await until(() => other.harness.frames.length === 2);
  expect(kindsOf(framesOf(executor, streamId)).at(-1)).toBe("heartbeat");
  harness.port.resume();
  await until(() => harness.frames.length === sent);
  expect(harness.isClosed).toBe(false);
});

test("ends the stream of a harness that reads nothing at all, and goes on with the others", async () => {
  await using relay = await testRelay();
  const joint = await joined(relay);
  const { harness, executor, streamId, client } = joint;
  const other = await opened(relay, client, executor);
  harness.port.pause();
  executor.socket.send(data(other.streamId, 0));
  await until(() => other.harness.frames.length === 1);
  await flood(relay, joint);
  executor.socket.send(data(other.streamId, 1));
  await relay.clock.advance(SERVICE_LIMITS.maxStallMs);
  await until(() => other.harness.frames.length === 2);
  await until(() => kindsOf(framesOf(executor, streamId)).at(-1) === "reset");
  harness.port.resume();
  expect((await harness.closed()).code).toBe(1013);
});

test("stops reading a harness that the executor wants held, and loses nothing of it", async () => {
  await using relay = await testRelay();
  const { executor, harness, streamId, client } = await joined(relay);
  const other = await opened(relay, client, executor);
  executor.socket.send(hold(streamId, true));
  executor.socket.send(data(other.streamId, 0));
  await until(() => other.harness.frames.length === 1);
  for (let index = 0; index < 50; index += 1) harness.send(data(streamId, index));
  other.harness.send(data(other.streamId, 0));
  await until(() => kindsOf(framesOf(executor, other.streamId)).includes("data"));
  expect(kindsOf(framesOf(executor, streamId))).toEqual(["resume"]);
  executor.socket.send(hold(streamId, false));
  await until(() => framesOf(executor, streamId).length === 51);
  expect(harness.frames).toEqual([]);
});

test("does not read harnesses faster than their executor reads", async () => {
  await using relay = await testRelay();
  const { executor, harness, streamId } = await joined(relay);
  executor.socket.port.pause();
  const frame = data(streamId, 0, 200_000);
  let sent = 0;
  await until(() => {
    if (harness.port.queuedBytes > 4_000_000) return true;
    harness.send(frame);
    sent += 1;
    return false;
  });
  const { text } = await relay.call("/metrics", undefined, "", { method: "GET", body: null });
  expect(text).toMatch(/holds_total\{for="executor"\} 1\n/);
  expect(await queuedBytes(relay)).toBeLessThan(2 * SERVICE_LIMITS.highWaterBytes);
  executor.socket.port.resume();
  await until(() => framesOf(executor, streamId).length === sent + 1, { deadlineMs: 20_000 });
});

test("does not let a harness speak to the executor in the words of the relay", async () => {
  await using relay = await testRelay();
  const { executor, harness, streamId } = await joined(relay);
  harness.send(hold(streamId, true));
  harness.send(data(streamId, 0));
  await until(() => framesOf(executor, streamId).length === 2);
  expect(kindsOf(framesOf(executor, streamId))).toEqual(["resume", "data"]);
});

test("closes the sockets of a token that is revoked, and those alone", async () => {
  await using relay = await testRelay();
  const { executor, harness } = await joined(relay);
  const other = await relay.token("client", "env-1");
  const kept = await opened(relay, other, executor);
  const asked = relay.log.find(({ message }) => message === "client asked for an executor");
  await revokeToken(relay.tokensFile, String(asked?.fields.token));
  await settled(relay.clock, relay.log);
  expect((await harness.closed()).code).toBe(1008);
  expect(kept.harness.isClosed).toBe(false);
  expect(executor.socket.isClosed).toBe(false);
});

test("closes the sockets of a token when its time is over", async () => {
  await using relay = await testRelay();
  const executor = await connectedExecutor(relay);
  const client = await relay.token("client", "*", relay.clock.wallNow() + 30_000);
  const { harness, streamId } = await opened(relay, client, executor);
  executor.socket.send(data(streamId, 0));
  await until(() => harness.frames.length === 1);
  await relay.clock.advance(32_000);
  expect((await harness.closed()).code).toBe(1008);
  expect(executor.socket.isClosed).toBe(false);
});

test("keeps the tokens that it has while their file can not be used, and says so once", async () => {
  await using relay = await testRelay();
  const { executor, harness } = await joined(relay);
  await writeFile(relay.tokensFile, "{");
  await settled(relay.clock, relay.log);
  await relay.clock.advance(10_000);
  expect(relay.log.filter(({ message }) => message === "the tokens stay as they were")).toHaveLength(1);
  expect((await registered(relay, "env-1", executor.token)).url).toContain("/env-1/");
  expect(harness.isClosed).toBe(false);
});

test("drops a socket that is only half there", async () => {
  await using relay = await testRelay();
  const { url } = await registered(relay);
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  const head = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
  const key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n${head.join("\r\n")}\r\n${key}\r\n\r\n`);
  await until(() => relay.log.some(({ message }) => message === "executor connected"));
  // It reads nothing and answers no ping from here on.
  await until(async () => {
    await relay.clock.advance(5_000);
    return relay.log.some(({ message }) => message === "executor disconnected");
  });
  socket.destroy();
});

test("says why a handshake was refused to whoever asked for it", async () => {
  await using relay = await testRelay();
  const { url } = await registered(relay);
  expect((await refusal(`${url}x`)).status).toBe(401);
});
