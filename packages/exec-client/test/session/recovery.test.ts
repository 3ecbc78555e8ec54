import { memoryLink } from "@holdfast/rpc/memory";
import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test, vi } from "vitest";
import { connect } from "../../src/connect.ts";
import { collectAll, connected, settle } from "../support/connected.ts";
import { Dialler, recoverable } from "../support/dialler.ts";
import { chunk, LINUX_INFO, NO_ANSWER, Refusal, readResult } from "../support/fake-exec-server.ts";

function session(sessionId: string) {
  return () => ({ sessionId, environmentInfo: LINUX_INFO });
}

function refuse(code: number, message: string) {
  return () => {
    throw new Refusal(code, message);
  };
}

const ATTACHED = { initialize: refuse(-32010, "session session-1 is already attached to another connection") };

describe("a lost line", () => {
  test("is replaced at once: the session is resumed, caught up with, and goes on", async () => {
    await using line = await recoverable({
      "process/read": () => readResult({ chunks: [chunk(2, "b"), chunk(3, "c")], nextSeq: 4 }),
    });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const events = collectAll(process.events());
    line.dialler.last.output("p", 1, "a");
    await settle();
    await line.cut();
    expect(line.states).toEqual(["recovering", "connected"]);
    expect(line.executor.state).toBe("connected");
    expect(line.dialler.last.received).toMatchObject([
      { method: "initialize", params: { clientName: "holdfast", resumeSessionId: "session-1" } },
      { method: "initialized" },
      { method: "process/read", params: { processId: "p", afterSeq: 1, maxBytes: null, waitMs: 0 } },
    ]);
    line.dialler.last.exited("p", 4, 5);
    line.dialler.last.finished("p", 5);
    expect((await events).map(({ seq, type }) => `${seq} ${type}`)).toEqual([
      "1 output",
      "2 output",
      "3 output",
      "4 exited",
      "5 closed",
    ]);
    expect(await process.closed).toEqual({ exitCode: 5, sandboxDenied: false });
  });

  test("may break again and again", async () => {
    await using line = await recoverable({ "fs/readFile": () => ({ dataBase64: "YQ==" }) });
    for (let round = 0; round < 5; round += 1) {
      await line.cut();
      await line.clock.advance(100);
      await settle();
      expect(await line.executor.fs.readTextFile("/a")).toBe("a");
    }
    expect(line.dialler.dials).toBe(6);
  });

  test("that breaks as soon as it is there is not dialled without a pause", async () => {
    await using line = await recoverable();
    await line.cut();
    await line.cut();
    expect(line.dialler.dials).toBe(2);
    await line.clock.advance(99);
    expect(line.dialler.dials).toBe(2);
    await line.clock.advance(1);
    expect(line.dialler.dials).toBe(3);
  });

  test("includes one on which the executor said what nobody understands", async () => {
    await using line = await recoverable({ "process/read": () => readResult({ chunks: [chunk(1, "a")], nextSeq: 2 }) });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    line.dialler.last.notify("process/output", { processId: "p", seq: 1, stream: "stdout", chunk: "?" });
    await settle();
    await settle();
    expect(line.executor.state).toBe("connected");
    line.dialler.last.exited("p", 2);
    line.dialler.last.finished("p", 3);
    expect(await collectAll(process.events())).toHaveLength(3);
  });

  test("tells nobody who threw in onStateChange before: it goes on", async () => {
    const thrown: unknown[] = [];
    const uncaught = (error: unknown): void => void thrown.push(error);
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", uncaught);
    try {
      const onStateChange = (): void => {
        throw new Error("the caller's bug");
      };
      await using line = await recoverable({}, { onStateChange });
      await line.cut();
      expect(line.executor.state).toBe("connected");
      expect(thrown).toHaveLength(2);
    } finally {
      process.off("uncaughtException", uncaught);
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
  });
});

describe("an attempt is repeated every 100 ms when", () => {
  test("nobody listens for a while", async () => {
    await using line = await recoverable();
    line.dialler.plans.push("nobody", "nobody", "nobody");
    await line.cut();
    expect(line.executor.state).toBe("recovering");
    await line.clock.advance(299);
    expect(line.dialler.dials).toBe(4);
    expect(line.executor.state).toBe("recovering");
    await line.clock.advance(1);
    await settle();
    expect(line.executor.state).toBe("connected");
  });

  test("the executor has not noticed yet that the old line is gone", async () => {
    await using line = await recoverable();
    line.dialler.plans.push(ATTACHED, ATTACHED);
    await line.cut();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(line.executor.state).toBe("recovering");
      await line.clock.advance(100);
      await settle();
    }
    expect(line.executor.state).toBe("connected");
    await settle();
    expect(line.dialler.servers.slice(0, 3).every(({ closed }) => closed !== undefined)).toBe(true);
  });

  test.each(["initialize", "process/read"])("the new line breaks in the middle of the handshake, at %s", async (at) => {
    await using line = await recoverable({ "process/read": () => readResult({ nextSeq: 1 }) });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    line.dialler.plans.push({
      [at]: (_, server) => {
        server.hangUp();
        return NO_ANSWER;
      },
    });
    await line.cut();
    expect(line.executor.state).toBe("recovering");
    await line.clock.advance(100);
    await settle();
    expect(line.executor.state).toBe("connected");
    line.dialler.last.exited("p", 1);
    expect(await process.exited).toMatchObject({ exitCode: 0 });
  });

  test.each(["initialize", "process/read"])(
    "%s is not answered within 10 s; an answer after that counts for nothing",
    async (at) => {
      await using line = await recoverable({ "process/read": () => readResult({ nextSeq: 1 }) });
      await line.executor.processes.start({ argv: ["a"], processId: "p" });
      const answer = Promise.withResolvers<unknown>();
      line.dialler.plans.push({ [at]: () => answer.promise });
      await line.cut();
      await line.clock.advance(9_999);
      expect(line.dialler.dials).toBe(2);
      await line.clock.advance(1);
      answer.resolve(at === "initialize" ? session("session-1")() : readResult({ nextSeq: 9 }));
      await line.clock.advance(100);
      await settle();
      expect(line.dialler.dials).toBe(3);
      expect(line.executor.state).toBe("connected");
    },
  );

  test("dialling takes more than 10 s; a line that comes after that is closed", async () => {
    await using line = await recoverable();
    line.dialler.plans.push("silence");
    await line.cut();
    await line.clock.advance(10_100);
    await settle();
    expect(line.executor.state).toBe("connected");
    const [near, far] = memoryLink();
    const closed = vi.fn();
    far.open({ frame: () => {}, drained: () => {}, closed });
    line.dialler.silent[0]?.(near);
    await settle();
    expect(closed).toHaveBeenCalledTimes(1);
  });
});

describe("the session is given up, once and for all, when", () => {
  test.each([
    ["it is forgotten", { initialize: refuse(-32600, "unknown session id session-1") }, "unknown session id session-1"],
    ["another one is given instead", { initialize: session("other") }, "session other instead of session-1"],
    ["the answer makes no sense", { initialize: () => ({ sessionId: 7 }) }, "initialize"],
  ])("%s", async (_, plan, reason) => {
    await using line = await recoverable();
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    line.dialler.plans.push(plan);
    await line.cut();
    expect(line.states).toEqual(["recovering", "failed"]);
    expect(await line.executor.closed).toMatchObject({ initiator: "fault", reason: expect.stringContaining(reason) });
    const message = expect.stringContaining(reason);
    await expect(process.exited).rejects.toMatchObject({ name: "LinkError", code: "closed", message });
    await expect(process.closed).rejects.toMatchObject({ delivery: "unknown", message });
    await expect(collectAll(process.events())).rejects.toMatchObject({ message });
    const refused = { name: "LinkError", code: "closed", delivery: "not-sent", message };
    await expect(line.executor.fs.readFile("/a")).rejects.toMatchObject(refused);
    await expect(line.executor.processes.start({ argv: ["a"] })).rejects.toMatchObject(refused);
    await line.clock.advance(60_000);
    expect(line.dialler.dials).toBe(2);
    expect(line.clock.pendingTimers).toBe(0);
    await settle();
    expect(line.dialler.last.closed).toBeDefined();
  });

  test("45 s have passed, and what waited fails with the same words", async () => {
    await using line = await recoverable();
    line.dialler.plans.push(...Array.from({ length: 1_000 }, () => "nobody" as const));
    await line.cut();
    const waiting = expect(line.executor.fs.readFile("/a")).rejects.toMatchObject({
      code: "closed",
      delivery: "not-sent",
      method: "fs/readFile",
      message: expect.stringContaining("recovery timed out after 45 s"),
      cause: { name: "TimeoutError", code: "timeout", cause: { message: expect.stringContaining("ECONNREFUSED") } },
    });
    await line.clock.advance(44_999);
    expect(line.executor.state).toBe("recovering");
    await line.clock.advance(1);
    await waiting;
    expect(line.executor.state).toBe("failed");
    expect(line.clock.pendingTimers).toBe(0);
  });

  test("the deadline that was asked for has passed, however silent the far end is", async () => {
    await using line = await recoverable({}, { recovery: { deadlineMs: 700, retryIntervalMs: 50 } });
    line.dialler.plans.push("nobody", "silence");
    await line.cut();
    await line.clock.advance(50);
    expect(line.dialler.dials).toBe(3);
    await line.clock.advance(649);
    expect(line.executor.state).toBe("recovering");
    await line.clock.advance(1);
    expect((await line.executor.closed).reason).toContain("recovery timed out after 0.7 s");
    expect(line.clock.pendingTimers).toBe(0);
  });

  test("recovery is turned off", async () => {
    await using line = await recoverable({}, { recovery: false });
    await line.cut();
    expect(line.states).toEqual(["failed"]);
    expect(line.dialler.dials).toBe(1);
    await expect(line.executor.fs.readFile("/a")).rejects.toMatchObject({ code: "closed", delivery: "not-sent" });
  });

  test("the target is a line that was there already", async () => {
    await using line = await connected();
    line.server.hangUp();
    expect((await line.executor.closed).initiator).not.toBe("local");
    expect(line.executor.state).toBe("failed");
  });
});

describe("close while there is no line", () => {
  test("stops the attempts and fails what waits", async () => {
    const line = await recoverable();
    line.dialler.plans.push("nobody", "nobody");
    await line.cut();
    const waiting = expect(line.executor.fs.readFile("/a")).rejects.toMatchObject({ delivery: "not-sent" });
    await line.executor.close();
    await waiting;
    expect(line.states).toEqual(["recovering", "closed"]);
    expect(await line.executor.closed).toMatchObject({ initiator: "local" });
    await line.clock.advance(60_000);
    expect(line.dialler.dials).toBe(2);
    expect(line.clock.pendingTimers).toBe(0);
  });

  test("closes a line that is in the middle of its handshake", async () => {
    const line = await recoverable();
    line.dialler.plans.push({ initialize: () => NO_ANSWER });
    await line.cut();
    await line.executor.close();
    await settle();
    expect(line.dialler.last.closed).toBeDefined();
    expect(line.executor.state).toBe("closed");
  });
});

test.each([{ deadlineMs: -1 }, { deadlineMs: Number.NaN }, { retryIntervalMs: 0 }])(
  "%j is refused before anything is dialled",
  async (recovery) => {
    const dial = vi.fn();
    await expect(connect({ dial }, { recovery })).rejects.toMatchObject({ name: "InvalidArgumentError" });
    expect(dial).not.toHaveBeenCalled();
  },
);

describe("the first connection", () => {
  const nobody = () => Promise.reject(new Error("ECONNREFUSED"));

  test("is tried for as long as retryForMs says, until somebody is there", async () => {
    const clock = new FakeClock();
    const dialler = new Dialler();
    dialler.plans.push("nobody", "nobody");
    const connecting = connect(dialler, { clock, retryForMs: 1_000, processConnections: "shared" });
    await clock.advance(200);
    await using executor = await connecting;
    expect([executor.state, dialler.dials, clock.pendingTimers]).toEqual(["connected", 3, 0]);
  });

  test("is given up then, with what was wrong at last", async () => {
    const clock = new FakeClock();
    const dial = vi.fn(nobody);
    const connecting = connect({ dial }, { clock, retryForMs: 1_000 });
    connecting.catch(() => {});
    await clock.advance(1_000);
    await expect(connecting).rejects.toMatchObject({
      name: "TimeoutError",
      delivery: "not-sent",
      message: "connecting timed out after 1 s (last: dialling failed: ECONNREFUSED)",
    });
    expect(dial).toHaveBeenCalledTimes(10);
    expect(clock.pendingTimers).toBe(0);
  });

  test("is given up by the signal, between attempts and during one", async () => {
    for (const dial of [nobody, () => new Promise<never>(() => {})]) {
      const clock = new FakeClock();
      const controller = new AbortController();
      const connecting = connect({ dial }, { clock, retryForMs: Number.POSITIVE_INFINITY, signal: controller.signal });
      connecting.catch(() => {});
      await clock.advance(5_000);
      controller.abort("enough");
      await expect(connecting).rejects.toMatchObject({ name: "AbortError", cause: "enough", delivery: "not-sent" });
    }
  });

  test("is not tried again after a refusal, nor where there can be no other", async () => {
    const dialler = new Dialler({
      initialize: () => {
        throw new Refusal(-32600, "no");
      },
    });
    await expect(connect(dialler, { retryForMs: 1_000 })).rejects.toMatchObject({ name: "RemoteError" });
    expect(dialler.dials).toBe(1);
    const child = { command: "true" };
    await expect(connect(child, { retryForMs: 1_000 })).rejects.toMatchObject({ argument: "retryForMs" });
  });
});

test("the first line is tried for once", async () => {
  const dial = vi.fn(() => Promise.reject(new Error("ECONNREFUSED")));
  await expect(connect({ dial })).rejects.toMatchObject({ name: "LinkError", code: "closed", delivery: "not-sent" });
  expect(dial).toHaveBeenCalledTimes(1);
});
