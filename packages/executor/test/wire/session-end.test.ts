import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { running, startFamily, untilGone } from "./alive.ts";
import { Line, newExecutor } from "./line.ts";

const TTL_MS = 120_000;

function refusal(code: number, message: string) {
  return expect.objectContaining({ name: "RemoteError", code, message });
}

function unknown(id: string) {
  return refusal(-32600, `unknown session id ${id}`);
}

describe("a session without a connection", () => {
  test("is there to the last millisecond of two minutes", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    const pids = await startFamily(line, "p");
    await line.hangUp();
    await clock.advance(TTL_MS - 1);
    const next = await Line.resume(line.executor, line.sessionId);
    expect(running(pids)).toEqual(pids);
    await clock.advance(10 * TTL_MS);
    expect(await next.call("process/terminate", { processId: "p" })).toEqual({ running: true });
  });

  test("is killed with all its process groups when its time is up", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    const pids = [...(await startFamily(line, "p")), ...(await startFamily(line, "q"))];
    await line.hangUp();
    await clock.advance(TTL_MS);
    await untilGone(pids);
    await expect(Line.resume(line.executor, line.sessionId)).rejects.toThrow(unknown(line.sessionId));
  });

  test("has ended at that moment even if its timer has not run", async () => {
    const clock = new LateClock();
    await using line = await Line.ready({ clock });
    const pids = await startFamily(line, "p");
    await line.hangUp();
    clock.lateMs = TTL_MS;
    expect(running(pids)).toEqual(pids);
    await expect(Line.resume(line.executor, line.sessionId)).rejects.toThrow(unknown(line.sessionId));
    await untilGone(pids);
  });

  test("has not ended one millisecond earlier", async () => {
    const clock = new LateClock();
    await using line = await Line.ready({ clock });
    await line.hangUp();
    clock.lateMs = TTL_MS - 1;
    await expect(Line.resume(line.executor, line.sessionId)).resolves.toMatchObject({ sessionId: line.sessionId });
  });

  test("gets its full time at each disconnection", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    let current = line;
    for (let round = 0; round < 4; round++) {
      await current.hangUp();
      await clock.advance(TTL_MS - 1);
      current = await Line.resume(line.executor, line.sessionId);
    }
    await current.hangUp();
    await clock.advance(TTL_MS);
    await expect(Line.resume(line.executor, line.sessionId)).rejects.toThrow(unknown(line.sessionId));
    expect(clock.pendingTimers).toBe(0);
  });

  test("waits as long as the executor was told", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock, limits: { detachedSessionTtlMs: 5 } });
    await line.hangUp();
    await clock.advance(4);
    const next = await Line.resume(line.executor, line.sessionId);
    await next.hangUp();
    await clock.advance(5);
    await expect(Line.resume(line.executor, line.sessionId)).rejects.toThrow(unknown(line.sessionId));
  });

  test("ends with its connection where it has no time at all", async () => {
    await using line = await Line.ready({ limits: { detachedSessionTtlMs: 0 } });
    const pids = await startFamily(line, "p");
    await line.hangUp();
    await untilGone(pids);
    await expect(Line.resume(line.executor, line.sessionId)).rejects.toThrow(unknown(line.sessionId));
  });

  test("is the first to end when there are too many, the one that waits longest", async () => {
    const executor = newExecutor({ limits: { maxDetachedSessions: 2 } });
    await using first = await Line.ready({}, executor);
    const pids = await startFamily(first, "p");
    const second = await Line.ready({}, executor);
    const third = await Line.ready({}, executor);
    await first.hangUp();
    await second.hangUp();
    // Resumed and let go of again: the first is now the youngest.
    await (await Line.resume(executor, first.sessionId)).hangUp();
    await third.hangUp();
    await expect(Line.resume(executor, second.sessionId)).rejects.toThrow(unknown(second.sessionId));
    await Line.resume(executor, first.sessionId);
    await Line.resume(executor, third.sessionId);
    expect(running(pids)).toEqual(pids);
  });
});

describe("of sessions that are too many", () => {
  test("one that left nothing ends before one with a process that is over, and that before what runs", async () => {
    const executor = newExecutor({ limits: { maxDetachedSessions: 2 } });
    await using runs = await Line.ready({}, executor);
    const pids = await startFamily(runs, "p");
    await runs.hangUp();
    const isOver = await Line.ready({}, executor);
    await isOver.run("p", ["true"]);
    await isOver.hangUp();
    for (let count = 0; count < 3; count += 1) {
      const empty = await Line.ready({}, executor);
      await empty.hangUp();
      await expect(Line.resume(executor, empty.sessionId)).rejects.toThrow(unknown(empty.sessionId));
    }
    await (await Line.resume(executor, isOver.sessionId)).hangUp();
    const alsoRuns = await Line.ready({}, executor);
    const others = await startFamily(alsoRuns, "p");
    await alsoRuns.hangUp();
    await expect(Line.resume(executor, isOver.sessionId)).rejects.toThrow(unknown(isOver.sessionId));
    await Line.resume(executor, runs.sessionId);
    await Line.resume(executor, alsoRuns.sessionId);
    expect(running([...pids, ...others])).toEqual([...pids, ...others]);
  });
});

describe("the end of the executor", () => {
  test("ends sessions with and without a connection, and resumes none afterwards", async () => {
    const clock = new FakeClock();
    const executor = newExecutor({ clock });
    const [held, left] = [await Line.ready({}, executor), await Line.ready({}, executor)];
    const pids = [...(await startFamily(held, "p")), ...(await startFamily(left, "p"))];
    await left.hangUp();
    await executor.close();
    await untilGone(pids);
    await expect(Line.resume(executor, left.sessionId)).rejects.toThrow(unknown(left.sessionId));
    await expect(Line.ready({}, executor)).rejects.toThrow(refusal(-32600, "the executor is shutting down"));
    await until(() => clock.pendingTimers === 0);
  });

  test.each([
    ["detachedSessionTtlMs", -1],
    ["detachedSessionTtlMs", Number.NaN],
    ["detachedSessionTtlMs", 2 ** 31],
    ["closedRetentionMs", Number.POSITIVE_INFINITY],
  ])("never comes to one whose %s is %d", (name, value) => {
    expect(() => newExecutor({ limits: { [name]: value } })).toThrow(
      new RangeError(`${name} must be from 0 to 2147483647, not ${value}`),
    );
  });
});

describe("a closed process", () => {
  test("can be read, and keeps its id, for its time after the close, with or without a connection", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock, limits: { closedRetentionMs: 1_000 } });
    await line.run("p", ["echo", "old"]);
    await clock.advance(500);
    await line.hangUp();
    await clock.advance(499);
    const next = await Line.resume(line.executor, line.sessionId);
    expect(await next.call("process/read", { processId: "p" })).toMatchObject({ closed: true, nextSeq: 4 });
    await expect(next.start("p", ["true"])).rejects.toThrow(refusal(-32600, "process p already exists"));
    await clock.advance(1);
    await expect(next.call("process/read", { processId: "p" })).rejects.toThrow(
      refusal(-32600, "unknown process id p"),
    );
    expect(await next.run("p", ["echo", "new"])).toBe("new\n");
  });

  test("leaves an id whose next owner is not touched by the clean-up of the first", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock, limits: { closedRetentionMs: 1_000 } });
    await line.run("p", ["true"]);
    await clock.advance(1_000);
    await line.start("p", ["cat"], { pipeStdin: true });
    await clock.advance(100_000);
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: true });
  });

  test("is not forgotten while something still holds its streams, and wakes its readers when it closes", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock, limits: { closedRetentionMs: 1_000 } });
    await line.start("p", ["sh", "-c", "sleep 600 & echo $!; exit 3"]);
    await line.when(() => line.of("p").some(({ method }) => method === "process/exited"));
    await clock.advance(100_000);
    const { nextSeq, closed } = await line.call("process/read", { processId: "p" });
    expect({ nextSeq, closed }).toEqual({ nextSeq: 3, closed: false });
    const poll = line.call("process/read", { processId: "p", afterSeq: 2, waitMs: 600_000 });
    process.kill(Number(line.text("p")));
    expect(await poll).toMatchObject({ chunks: [], exitCode: 3, closed: true, nextSeq: 4 });
    await clock.advance(999);
    expect(await line.call("process/read", { processId: "p" })).toMatchObject({ closed: true });
  });

  test("leaves no timer behind when its session ends before it", async () => {
    const clock = new FakeClock();
    await using line = await Line.ready({ clock, limits: { closedRetentionMs: 10 * TTL_MS } });
    const pids = await startFamily(line, "p");
    await line.run("q", ["true"]);
    await line.hangUp();
    await clock.advance(TTL_MS);
    await untilGone(pids);
    // They are gone before their executor hears of it.
    await until(() => clock.pendingTimers === 0);
  });
});

/** A clock whose time has come further than its timers. */
class LateClock extends FakeClock {
  lateMs = 0;

  override now(): number {
    return super.now() + this.lateMs;
  }
}
