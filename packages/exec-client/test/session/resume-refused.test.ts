import { exclusiveSession, openSession, otherSession, readResult, refusesResume } from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import { collectAll, settle } from "../support/connected.ts";
import { Dialler, recoverable } from "../support/dialler.ts";

describe("a session that is asked for again and", () => {
  test.each([
    ["was forgotten, has expired or is another client's", refusesResume(-32600), "unknown session id session-1"],
    ["was replaced by another one", otherSession(), "session another-session instead of session-1"],
  ])("%s is given up at once, with everything that belongs to it", async (_, handlers, reason) => {
    await using line = await recoverable(handlers);
    const process = await line.executor.processes.start({ argv: ["a"] });
    const events = collectAll(process.events());
    events.catch(() => {});
    await line.cut();
    expect(line.states).toEqual(["recovering", "failed"]);
    const error = { name: "LinkError", code: "closed", message: expect.stringContaining(reason) };
    for (const end of [process.exited, process.closed, events]) await expect(end).rejects.toMatchObject(error);
    await expect(line.executor.fs.readFile("/a")).rejects.toMatchObject({ ...error, delivery: "not-sent" });
    expect(line.clock.pendingTimers).toBe(0);
    await settle();
    expect(line.dialler.servers.map(({ closed }) => closed === undefined)).toEqual([false, false]);
  });

  test("stays attached to another line for 2 s is resumed then, and the process goes on", async () => {
    let isOver = false;
    await using line = await recoverable({
      ...refusesResume(-32010, () => isOver),
      "process/read": () => readResult({ nextSeq: 1 }),
    });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    await line.cut();
    await line.clock.advance(2_000);
    expect(line.executor.state).toBe("recovering");
    isOver = true;
    await line.clock.advance(100);
    await settle();
    expect(line.states).toEqual(["recovering", "connected"]);
    line.dialler.last.exited("p", 1, 7);
    expect(await process.exited).toMatchObject({ exitCode: 7 });
    await settle();
    const open = line.dialler.servers.filter(({ closed }) => closed === undefined);
    expect(open).toEqual([line.dialler.last]);
  });

  test("tells its events before it answers at all loses none of them", async () => {
    await using line = await recoverable({
      "process/read": () => readResult({ nextSeq: 2, chunks: [] }),
    });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    line.dialler.plans.push({
      initialize: (_, server) => {
        server.output("p", 1, "early");
        server.exited("p", 2);
        server.finished("p", 3);
        return openSession();
      },
    });
    await line.cut();
    expect((await collectAll(process.events())).map(({ seq, type }) => `${seq} ${type}`)).toEqual([
      "1 output",
      "2 exited",
      "3 closed",
    ]);
  });

  test("is attached to another client for good fails at the deadline, and says why", async () => {
    await using line = await recoverable(refusesResume(-32010), { recovery: { deadlineMs: 3_000 } });
    const process = await line.executor.processes.start({ argv: ["a"] });
    await line.cut();
    const waiting = line.executor.fs.readFile("/a");
    waiting.catch(() => {});
    for (let passedMs = 0; passedMs < 3_000; passedMs += 100) {
      expect(line.executor.state).toBe("recovering");
      await line.clock.advance(100);
    }
    const cause = { code: "timeout", cause: { name: "RemoteError", code: -32010 } };
    const message = expect.stringContaining("recovery timed out after 3 s");
    await expect(process.closed).rejects.toMatchObject({ name: "LinkError", message, cause });
    await expect(waiting).rejects.toMatchObject({ delivery: "not-sent", message, cause });
    expect(line.clock.pendingTimers).toBe(0);
    await settle();
    expect(line.dialler.servers.filter(({ closed }) => closed === undefined)).toEqual([]);
  });
});

describe("of two clients that race for one session", () => {
  const read = { "process/read": () => readResult({ nextSeq: 1 }) };

  const race = async (first: "owner" | "other") => {
    const line = await recoverable({ ...exclusiveSession(), ...read }, { recovery: { deadlineMs: 1_000 } });
    const process = await line.executor.processes.start({ argv: ["a"] });
    if (first === "other") line.dialler.plans.push("nobody");
    await line.cut();
    const other = connect(new Dialler(line.dialler.always), { resumeSessionId: "session-1", clock: line.clock });
    other.catch(() => {});
    await settle();
    return { line, process, other };
  };

  test("the one that comes second is refused; the first one's processes go on", async () => {
    const { line, process, other } = await race("owner");
    await using _ = line;
    await expect(other).rejects.toMatchObject({ name: "RemoteError", code: -32010 });
    expect(line.executor.state).toBe("connected");
    line.dialler.last.exited(process.id, 1);
    expect(await process.exited).toMatchObject({ exitCode: 0 });
    expect(line.clock.pendingTimers).toBe(0);
  });

  test("the one that lost it to the other fails at its deadline, and takes nothing from the winner", async () => {
    const { line, process, other } = await race("other");
    await using _ = line;
    await using winner = await other;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await line.clock.advance(100);
      await settle();
    }
    await expect(process.closed).rejects.toMatchObject({
      name: "LinkError",
      cause: { code: "timeout", cause: { name: "RemoteError", code: -32010 } },
    });
    expect([line.executor.state, winner.state]).toEqual(["failed", "connected"]);
    expect(line.clock.pendingTimers).toBe(0);
  });
});

test("a session of another name is no session: nothing is sent on it", async () => {
  await using line = await recoverable(otherSession());
  await line.cut();
  expect(line.dialler.last.received.map(({ method }) => method)).toEqual(["initialize"]);
  expect(openSession().sessionId).toBe(line.executor.sessionId);
});
