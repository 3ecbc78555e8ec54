import { createPeer, isLinkError, isRemoteError, LinkError, RemoteError } from "@holdfast/rpc";
import { jsonCodec } from "@holdfast/rpc/testing";
import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { messagesOf, peerAndWire, serverOf, turns, twoPeers } from "./peers.ts";
import { ScriptedPort } from "./scripted-port.ts";

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it did not reject",
    (error: unknown) => error,
  );
}

describe("an outbound call", () => {
  test("resolves with what the far end returned", async () => {
    const [left] = twoPeers({}, { server: serverOf({ double: (params) => (params as number) * 2 }) });
    expect(await left.call("double", 21)).toBe(42);
  });

  test("counts ids from 1 for each peer", async () => {
    const { peer, wire } = peerAndWire();
    for (const method of ["a", "b", "c"]) failureOf(peer.call(method, null)).catch(() => {});
    await wire.framesArrived(3);
    expect(messagesOf(wire)).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }]);
    const other = peerAndWire();
    failureOf(other.peer.call("a", null)).catch(() => {});
    await other.wire.framesArrived(1);
    expect(messagesOf(other.wire)).toMatchObject([{ id: 1 }]);
  });

  test("sends trace context along", async () => {
    const { peer, wire } = peerAndWire();
    failureOf(peer.call("a", null, { trace: { traceparent: "00-1" } })).catch(() => {});
    await wire.framesArrived(1);
    expect(messagesOf(wire)).toMatchObject([{ trace: { traceparent: "00-1" } }]);
  });

  test("takes answers in any order", async () => {
    const { peer, wire, send } = peerAndWire();
    const answers = [peer.call("a", null), peer.call("b", null)];
    await wire.framesArrived(2);
    send({ id: 2, result: "second" });
    send({ id: 1, result: "first" });
    expect(await Promise.all(answers)).toEqual(["first", "second"]);
  });

  test("rejects with the far end's error", async () => {
    const { peer, wire, send } = peerAndWire();
    const answer = failureOf(peer.call("a/b", null));
    await wire.framesArrived(1);
    send({ id: 1, error: { code: -32004, message: "no such file", data: { path: "/x" } } });
    const error = await answer;
    expect(error).toBeInstanceOf(RemoteError);
    expect(isRemoteError(error)).toBe(true);
    expect(error).toMatchObject({ code: -32004, message: "no such file", data: { path: "/x" }, method: "a/b" });
  });

  test("times out, and drops the late answer even where strays close the line", async () => {
    const clock = new FakeClock();
    const { peer, send } = peerAndWire({ clock, strayAnswers: "close" });
    const answer = failureOf(peer.call("slow", null, { timeoutMs: 500 }));
    await clock.advance(499);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    expect(await answer).toMatchObject({ name: "TimeoutError", code: "timeout", delivery: "unknown", method: "slow" });
    send({ id: 1, result: "late" });
    await turns();
    expect(peer.state.kind).toBe("open");
  });

  test("can be aborted, keeps the reason as cause, and drops the late answer", async () => {
    const { peer, send } = peerAndWire({ strayAnswers: "close" });
    const controller = new AbortController();
    const answer = failureOf(peer.call("slow", null, { signal: controller.signal }));
    controller.abort("changed my mind");
    const reason = "changed my mind";
    expect(await answer).toMatchObject({
      name: "AbortError",
      code: "aborted",
      delivery: "unknown",
      cause: reason,
      reason,
    });
    send({ id: 1, error: { code: 1, message: "late" } });
    await turns();
    expect(peer.state.kind).toBe("open");
  });

  test("is named for the reason of a signal whose time was up", async () => {
    const { peer } = peerAndWire();
    const reason = new DOMException("too late", "TimeoutError");
    const error = await failureOf(peer.call("slow", null, { signal: AbortSignal.abort(reason) }));
    expect(error).toMatchObject({ name: "TimeoutError", code: "timeout", cause: reason, reason });
    expect(isLinkError(error)).toBe(true);
  });

  test("tells whole milliseconds", async () => {
    const clock = new FakeClock();
    const { peer } = peerAndWire({ clock });
    const answer = failureOf(peer.call("slow", null, { timeoutMs: 0.993717999997898 }));
    await clock.advance(1);
    expect(await answer).toMatchObject({ message: "slow was not answered within 1 ms" });
  });

  test("is not sent when it was aborted before", async () => {
    const { peer, wire } = peerAndWire();
    const answer = failureOf(peer.call("never", null, { signal: AbortSignal.abort("no") }));
    expect(await answer).toMatchObject({ code: "aborted", delivery: "not-sent", cause: "no" });
    await turns();
    expect(wire.frames).toEqual([]);
  });

  test("leaves neither a timer nor a listener behind once it is answered", async () => {
    const clock = new FakeClock();
    const { peer, wire, send } = peerAndWire({ clock });
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    const answer = peer.call("a", null, { signal, timeoutMs: 1_000 });
    await wire.framesArrived(1);
    expect([listeners, clock.pendingTimers]).toEqual([1, 1]);
    send({ id: 1, result: 1 });
    await answer;
    expect([listeners, clock.pendingTimers]).toEqual([0, 0]);
  });

  test("waits in order beyond the limit, and is refused as busy beyond the limit of those that wait", async () => {
    const { peer, wire, send } = peerAndWire({ limits: { maxPendingCalls: 2, maxQueuedCalls: 2 } });
    const answers = ["a", "b", "c", "d"].map((method) => peer.call(method, null));
    expect(await failureOf(peer.call("e", null))).toMatchObject({
      code: "busy",
      delivery: "not-sent",
      method: "e",
      message: "the limit of 2 calls that wait for an earlier one is reached",
    });
    await wire.framesArrived(2);
    await turns();
    expect(messagesOf(wire)).toMatchObject([{ method: "a" }, { method: "b" }]);
    for (const id of [2, 1, 3, 4]) {
      send({ id, result: id });
      await answers[id - 1];
    }
    expect(messagesOf(wire)).toMatchObject(["a", "b", "c", "d"].map((method) => ({ method })));
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4]);
  });

  test("that waits for a place obeys its own time and signal, was not sent, and leaves nothing behind", async () => {
    const clock = new FakeClock();
    const { peer, wire, send } = peerAndWire({ clock, limits: { maxPendingCalls: 1 } });
    const first = peer.call("a", null);
    const controller = new AbortController();
    const aborted = failureOf(peer.call("b", null, { signal: controller.signal }));
    const late = failureOf(peer.call("c", null, { timeoutMs: 500 }));
    const patient = failureOf(peer.call("d", null, { timeoutMs: 1_000 }));
    const last = failureOf(peer.call("e", null, { answerTimeoutMs: 100 }));
    controller.abort("enough");
    expect(await aborted).toMatchObject({ name: "AbortError", delivery: "not-sent", cause: "enough" });
    await clock.advance(600);
    expect(await late).toMatchObject({
      name: "TimeoutError",
      delivery: "not-sent",
      message: "c waited for other calls longer than 500 ms",
    });
    send({ id: 1, result: null });
    await first;
    await wire.framesArrived(2);
    await clock.advance(400);
    expect(await patient).toMatchObject({ name: "TimeoutError", delivery: "unknown" });
    await wire.framesArrived(3);
    await clock.advance(100);
    expect(await last).toMatchObject({ delivery: "unknown", message: "e was not answered within 100 ms" });
    expect(messagesOf(wire)).toMatchObject([{ method: "a" }, { method: "d" }, { method: "e" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("that is urgent does not wait for a place, up to a limit of its own", async () => {
    const { peer, wire } = peerAndWire({ limits: { maxPendingCalls: 1, maxUrgentCalls: 1 } });
    for (const method of ["write", "later"]) failureOf(peer.call(method, null)).catch(() => {});
    for (const method of ["terminate", "signal"]) failureOf(peer.call(method, null, { urgent: true })).catch(() => {});
    await wire.framesArrived(2);
    await turns();
    expect(messagesOf(wire)).toMatchObject([{ method: "write" }, { method: "terminate" }]);
  });

  test("that is urgent and has to wait goes out before those that have waited longer", async () => {
    const limits = { maxPendingCalls: 1, maxUrgentCalls: 1, maxQueuedCalls: 2 };
    const { peer, wire, send } = peerAndWire({ limits });
    for (const method of ["write", "later", "last"]) failureOf(peer.call(method, null)).catch(() => {});
    for (const method of ["terminate", "signal", "kill"])
      failureOf(peer.call(method, null, { urgent: true })).catch(() => {});
    await wire.framesArrived(2);
    // After the third answer there is room for an urgent one alone.
    for (const [id, sent] of [
      [1, 3],
      [2, 4],
      [3, 4],
      [4, 5],
      [5, 6],
    ] as const) {
      send({ id, result: null });
      await wire.framesArrived(sent);
    }
    const methods = ["write", "terminate", "signal", "kill", "later", "last"];
    expect(messagesOf(wire)).toMatchObject(methods.map((method) => ({ method })));
  });

  test("goes out when more may be pending", async () => {
    const { peer, wire } = peerAndWire({ limits: { maxPendingCalls: 1, maxUrgentCalls: 0 } });
    for (const method of ["a", "b", "c"]) failureOf(peer.call(method, null)).catch(() => {});
    peer.allowPending({ maxPendingCalls: 2, maxUrgentCalls: 1 });
    failureOf(peer.call("d", null, { urgent: true })).catch(() => {});
    await wire.framesArrived(3);
    await turns();
    expect(messagesOf(wire)).toMatchObject([{ method: "a" }, { method: "b" }, { method: "d" }]);
  });

  test("waits while the port has too much to send, and goes out when there is room", async () => {
    const port = new ScriptedPort();
    const peer = createPeer({ port, codec: jsonCodec, limits: { maxQueuedCallBytes: 1_000 } });
    port.writable = false;
    port.fullBytes = 999;
    failureOf(peer.call("a", null)).catch(() => {});
    port.fullBytes = 1_000;
    failureOf(peer.call("b", null)).catch(() => {});
    failureOf(peer.call("c", null, { urgent: true })).catch(() => {});
    expect(port.sent.map((frame) => JSON.parse(frame).method)).toEqual(["a", "c"]);
    port.drain();
    expect(port.sent.map((frame) => JSON.parse(frame).method)).toEqual(["a", "c", "b"]);
  });

  test("that still waits when the connection ends was not sent", async () => {
    const { peer, farPort } = peerAndWire({ limits: { maxPendingCalls: 1 } });
    const sent = failureOf(peer.call("a", null));
    const waiting = failureOf(peer.call("b", null));
    farPort.close(1000, "bye");
    expect(await sent).toMatchObject({ code: "closed", delivery: "unknown" });
    expect(await waiting).toMatchObject({ code: "closed", delivery: "not-sent", method: "b" });
  });

  test("on a port that drops what it is given was not sent", async () => {
    const port = Object.assign(new ScriptedPort(), { isEnding: true });
    const peer = createPeer({ port, codec: jsonCodec });
    expect(await failureOf(peer.call("a", null))).toMatchObject({
      code: "closed",
      delivery: "not-sent",
      message: "the far end is closing the connection",
    });
    expect(port.sent).toEqual([]);
  });

  test.each([
    ["text", (length: number) => "x".repeat(length)],
    ["text of long characters", (length: number) => "é".repeat(length / 2)],
  ])("is not sent when it is longer than the far end takes: %s", async (_, text) => {
    const encoded = (params: string) => Buffer.byteLength(JSON.stringify({ id: 1, method: "a", params }));
    const { peer, wire } = peerAndWire({ limits: { maxCallBytes: encoded(text(1_000)) } });
    expect(await failureOf(peer.call("a", text(1_002)))).toMatchObject({
      code: "frame-too-large",
      delivery: "not-sent",
      message: `a is a message of ${encoded(text(1_002))} bytes, and the far end takes ${encoded(text(1_000))}`,
    });
    failureOf(peer.call("a", text(996))).catch(() => {});
    await wire.framesArrived(1);
    expect(messagesOf(wire)).toMatchObject([{ params: text(996) }]);
  });

  test("rejects when its params cannot be encoded, and leaves nothing pending", async () => {
    const { peer } = peerAndWire({ limits: { maxPendingCalls: 1 } });
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(await failureOf(peer.call("a", circular))).toBeInstanceOf(TypeError);
    expect(await failureOf(peer.call("a", circular))).toBeInstanceOf(TypeError);
  });

  test("takes neither an answer of another id type nor a second answer for its own", async () => {
    const { peer, wire, send } = peerAndWire({ strayAnswers: "close" });
    const answer = peer.call("a", null);
    await wire.framesArrived(1);
    send({ id: 1, result: "right" });
    send({ id: 1, result: "again" });
    expect(await answer).toBe("right");
    await turns();
    expect(peer.state.kind).toBe("open");
    send({ id: "1", result: "text" });
    await peer.closed;
  });
});

describe("a stray answer", () => {
  test.each([0, -1, 7, 1.5, "x"])("with id %j closes the line with 1002 where that is asked for", async (id) => {
    const { peer, wire, send } = peerAndWire({ strayAnswers: "close" });
    send({ id, result: null });
    expect(await peer.closed).toMatchObject({ initiator: "local", code: 1002 });
    expect(await wire.closedOnce()).toMatchObject({ code: 1002, reason: expect.stringContaining("never made") });
  });

  test("is ignored otherwise", async () => {
    const { peer, send } = peerAndWire();
    send({ id: 99, result: null });
    send({ id: 99, error: { code: 1, message: "x" } });
    await turns();
    expect(peer.state.kind).toBe("open");
  });
});

describe("the end of the line", () => {
  test("rejects every pending call, delivery unknown", async () => {
    const { peer, farPort } = peerAndWire();
    const answers = [failureOf(peer.call("a", 1)), failureOf(peer.call("b", 2, { timeoutMs: 1_000 }))];
    await turns();
    farPort.close(1001, "going away");
    for (const error of await Promise.all(answers)) {
      expect(error).toBeInstanceOf(LinkError);
      expect(isLinkError(error)).toBe(true);
      expect(error).toMatchObject({
        code: "closed",
        delivery: "unknown",
        message: expect.stringContaining("going away"),
      });
    }
    expect(peer.state).toMatchObject({ kind: "closed", close: { initiator: "remote", code: 1001 } });
  });

  test("makes later calls fail as not sent, and notices silent", async () => {
    const { peer, wire } = peerAndWire();
    peer.close("bye");
    expect(peer.state).toEqual({ kind: "closing", reason: "bye" });
    expect(await failureOf(peer.call("a", null))).toMatchObject({
      code: "closed",
      delivery: "not-sent",
      message: "bye",
    });
    peer.notify("n", null);
    await peer.closed;
    expect(await failureOf(peer.call("a", null))).toMatchObject({ code: "closed", delivery: "not-sent" });
    peer.notify("n", null);
    await turns();
    expect(wire.frames).toEqual([]);
  });

  test("is reported once and with its first cause", async () => {
    const { peer, farPort } = peerAndWire();
    peer.close("first", 4000);
    peer.close("second", 4001);
    farPort.close(4002, "third");
    expect(await peer.closed).toEqual({ initiator: "local", reason: "first", code: 4000 });
  });

  test("lets what is queued go out", async () => {
    const { peer, wire } = peerAndWire();
    peer.notify("n", 1);
    peer.close();
    await wire.closedOnce();
    expect(messagesOf(wire)).toEqual([{ method: "n", params: 1 }]);
  });

  test("ignores frames that a broken port still delivers", async () => {
    const started: unknown[] = [];
    const port = new ScriptedPort();
    const peer = createPeer({ port, codec: jsonCodec, server: serverOf({ run: (params) => started.push(params) }) });
    port.receiver?.frame('{"id":1,"method":"run","params":1}');
    peer.close();
    port.receiver?.frame('{"id":2,"method":"run","params":2}');
    port.receiver?.closed({ initiator: "fault", reason: "gone" });
    port.receiver?.frame('{"id":3,"method":"run","params":3}');
    port.receiver?.closed({ initiator: "fault", reason: "gone twice" });
    port.receiver?.drained();
    expect(started).toEqual([1]);
    expect(await peer.closed).toMatchObject({ reason: "gone" });
  });
});

describe("an outbound call under an id of the caller's", () => {
  test("is answered under it, beside calls that are numbered, which pass it over", async () => {
    const { peer, wire, send } = peerAndWire({ strayAnswers: "close" });
    const answers = [peer.callAs(2, "two", null), peer.callAs(0, "none", null), peer.call("one", null)];
    answers.push(peer.call("three", null));
    await wire.framesArrived(4);
    expect(messagesOf(wire)).toMatchObject([
      { id: 2, method: "two" },
      { id: 0, method: "none" },
      { id: 1, method: "one" },
      { id: 3, method: "three" },
    ]);
    for (const id of [3, 2, 1, 0]) send({ id, result: id });
    expect(await Promise.all(answers)).toEqual([2, 0, 1, 3]);
  });

  test("rejects while another one waits under that id, and goes out after it was given up", async () => {
    const { peer, wire, send } = peerAndWire({ strayAnswers: "close" });
    const controller = new AbortController();
    const first = failureOf(peer.callAs(5, "first", null, { signal: controller.signal }));
    expect(await failureOf(peer.callAs(5, "second", null))).toMatchObject({ message: expect.stringContaining("id 5") });
    controller.abort();
    expect(await first).toMatchObject({ code: "aborted" });
    const third = peer.callAs(5, "third", null);
    await wire.framesArrived(2);
    send({ id: 5, result: "yes" });
    expect(await third).toBe("yes");
    send({ id: 5, result: "late" });
    await turns();
    expect(peer.state.kind).toBe("open");
  });

  test("waits for a place under that id", async () => {
    const { peer, wire, send } = peerAndWire({ limits: { maxPendingCalls: 1 } });
    const answers = [peer.callAs(9, "a", null), peer.callAs(4, "b", null)];
    await wire.framesArrived(1);
    send({ id: 9, result: 9 });
    await wire.framesArrived(2);
    send({ id: 4, result: 4 });
    expect(await Promise.all(answers)).toEqual([9, 4]);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])("can not have the id %s", (id) => {
    const { peer } = peerAndWire();
    expect(() => peer.callAs(id, "a", null)).toThrow(RangeError);
  });
});
