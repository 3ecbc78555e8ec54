import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { Sandboxing } from "../../src/confinement/index.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { createServices } from "../../src/services.ts";
import { Connection } from "../../src/session/connection.ts";

const taken = expect.objectContaining({
  code: -32600,
  message: "session has been resumed by another connection",
});

function setUp() {
  const clock = new FakeClock();
  const sandboxing: Sandboxing = {
    isLikely: false,
    plan: () => {
      throw new Error("nothing is confined here");
    },
    wasDenied: () => false,
  };
  const services = createServices({ env: {}, cwd: "/", version: "0.0.0", sandboxing, clock });
  const { sessions } = services;
  const connect = () => {
    const told: { readonly method: string; readonly params: unknown }[] = [];
    const line = {
      notify: (method: string, params: unknown) => void told.push({ method, params }),
      writable: true,
      whenWritable: () => Promise.resolve(),
    };
    const connection = new Connection(services, () => line, { peerName: "test" });
    const { signal } = new AbortController();
    const call = (method: string, params: object) => connection.call({ id: 1, method, params, signal });
    const open = (resumeSessionId: string | null) => {
      const { sessionId } = call("initialize", { clientName: "test", resumeSessionId }) as { sessionId: string };
      connection.notice({ method: "initialized", params: {} });
      return sessionId;
    };
    const start = (processId: string) =>
      call("process/start", { processId, argv: ["cat"], cwd: "file:///", env: {}, tty: false, pipeStdin: true });
    return { connection, told, call, open, start };
  };
  return { sessions, connect, clock, [Symbol.dispose]: () => sessions.close() };
}

describe("a connection whose session was resumed by another one", () => {
  test("is told so by whatever it asks of the session, and changes nothing", async () => {
    using rig = setUp();
    const [older, newer] = [rig.connect(), rig.connect()];
    const id = older.open(null);
    await older.start("p");
    await older.connection.end();
    newer.open(id);
    for (const method of ["process/read", "process/terminate"]) {
      expect(() => older.call(method, { processId: "p" })).toThrow(taken);
    }
    expect(() => older.start("q")).toThrow(taken);
    expect(newer.call("process/terminate", { processId: "p" })).toEqual({ running: true });
  });

  test("gets its long polls failed, not answered", async () => {
    using rig = setUp();
    const [older, newer] = [rig.connect(), rig.connect()];
    const id = older.open(null);
    await older.start("p");
    const poll = expect(older.call("process/read", { processId: "p", waitMs: 600_000 })).rejects.toThrow(taken);
    await older.connection.end();
    await poll;
    newer.open(id);
    expect(rig.sessions.size).toBe(1);
  });

  test("can not take it from the newer one by ending late, or twice", async () => {
    using rig = setUp();
    const [older, newer, third] = [rig.connect(), rig.connect(), rig.connect()];
    const id = older.open(null);
    await older.connection.end();
    newer.open(id);
    await older.connection.end();
    expect(() => third.open(id)).toThrow(expect.objectContaining({ code: -32010 }));
    // No expiry was armed either: the session stays with the newer one for as long as that lives.
    await rig.clock.advance(10 * DEFAULT_LIMITS.detachedSessionTtlMs);
    expect(rig.sessions.size).toBe(1);
    expect(newer.call("process/terminate", { processId: "p" })).toEqual({ running: false });
  });

  test("hears nothing of its processes any more", async () => {
    using rig = setUp();
    const [older, newer] = [rig.connect(), rig.connect()];
    const id = older.open(null);
    await older.start("p");
    await older.connection.end();
    newer.open(id);
    newer.call("process/write", { processId: "p", writeId: "1", chunk: Buffer.from("x").toString("base64") });
    await until(() => newer.told.length > 0);
    expect(newer.told).toMatchObject([{ method: "process/output", params: { seq: 1 } }]);
    expect(older.told).toEqual([]);
  });
});

describe("a session that nobody holds", () => {
  test("tells nobody what happens, and keeps it", async () => {
    using rig = setUp();
    const [older, newer] = [rig.connect(), rig.connect()];
    const id = older.open(null);
    await older.start("p");
    older.call("process/write", { processId: "p", writeId: "1", chunk: Buffer.from("x").toString("base64") });
    // In the same turn: the echo comes when nobody is there.
    void older.connection.end();
    const watcher = rig.connect();
    watcher.open(null);
    await watcher.start("later");
    watcher.call("process/write", { processId: "later", writeId: "1", chunk: Buffer.from("x").toString("base64") });
    await until(() => watcher.told.length === 1);
    newer.open(id);
    const read = () => newer.call("process/read", { processId: "p" }) as { readonly nextSeq: number };
    await until(() => read().nextSeq > 1);
    expect(read()).toMatchObject({ chunks: [{ seq: 1 }], nextSeq: 2 });
    expect(older.told).toEqual([]);
  });

  test("is forgotten when its time is up", async () => {
    using rig = setUp();
    const older = rig.connect();
    older.open(null);
    await older.connection.end();
    await rig.clock.advance(DEFAULT_LIMITS.detachedSessionTtlMs - 1);
    expect(rig.sessions.size).toBe(1);
    await rig.clock.advance(1);
    expect(rig.sessions.size).toBe(0);
  });
});
