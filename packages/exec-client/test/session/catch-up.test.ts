import { describe, expect, test } from "vitest";
import type { RunningProcess } from "../../src/process/running-process.ts";
import { collectAll, settle } from "../support/connected.ts";
import { type Recoverable, recoverable } from "../support/dialler.ts";
import { chunk, type FakeExecServer, NO_ANSWER, Refusal, readResult } from "../support/fake-exec-server.ts";

interface Followed extends Recoverable {
  readonly process: RunningProcess;
  /** Every event as `SEQ TYPE`. */
  readonly events: Promise<string[]>;
}

/** A process that published `a` as event 1 before the line broke, and what the executor says about it afterwards. */
async function after(
  read: (server: FakeExecServer) => unknown,
  before: (server: FakeExecServer) => void = () => {},
): Promise<Followed> {
  const line = await recoverable({
    "process/read": ({ processId }, server) => (processId === "p" ? read(server) : readResult({ nextSeq: 1 })),
  });
  const started = await line.executor.processes.start({ argv: ["a"], processId: "p" });
  const events = collectAll(started.events()).then((all) => all.map(({ seq, type }) => `${seq} ${type}`));
  events.catch(() => {});
  line.dialler.last.output("p", 1, "a");
  before(line.dialler.last);
  await settle();
  await line.cut();
  return Object.assign(line, { process: started, events });
}

describe("what happened while there was no line", () => {
  test("is told in order, to its end", async () => {
    await using line = await after(() =>
      readResult({ chunks: [chunk(2, "b"), chunk(4, "d")], nextSeq: 6, exited: true, exitCode: 3, closed: true }),
    );
    expect(await line.events).toEqual(["1 output", "2 output", "3 exited", "4 output", "5 closed"]);
    expect(await line.process.closed).toEqual({ exitCode: 3, sandboxDenied: false });
  });

  test("is merged with what the new line tells before the answer, also twice and out of order", async () => {
    await using line = await after((server) => {
      server.output("p", 4, "d");
      server.output("p", 3, "c");
      server.output("p", 4, "d");
      return readResult({ chunks: [chunk(1, "a"), chunk(2, "b"), chunk(3, "c")], nextSeq: 4 });
    });
    for (const seq of [2, 4, 5]) line.dialler.last.output("p", seq, "e");
    line.dialler.last.exited("p", 6);
    line.dialler.last.finished("p", 7);
    expect(await line.events).toEqual([
      "1 output",
      "2 output",
      "3 output",
      "4 output",
      "5 output",
      "6 exited",
      "7 closed",
    ]);
    expect(line.dialler.last.of("process/read")).toHaveLength(1);
  });

  test("may be more than a live line would be allowed to park: a flood that goes on all the while", async () => {
    const block = "x".repeat(16_384);
    await using line = await after((server) => {
      for (let seq = 3; seq <= 502; seq += 1) server.output("p", seq, block);
      return readResult({ chunks: [chunk(2, "b"), chunk(502, block)], nextSeq: 503 });
    });
    line.dialler.last.exited("p", 503);
    line.dialler.last.finished("p", 504);
    expect(await line.events).toHaveLength(504);
  });

  test("completes an exit that an older executor told without sandboxDenied", async () => {
    await using line = await after(
      () => readResult({ nextSeq: 3, exited: true, exitCode: 1, sandboxDenied: true }),
      (server) => {
        server.on("process/read", () => NO_ANSWER);
        server.exitedLegacy("p", 2, 1);
      },
    );
    expect(await line.process.exited).toEqual({ exitCode: 1, sandboxDenied: true });
    expect(line.dialler.last.of("process/read")[0]).toMatchObject({ afterSeq: 1 });
  });

  test("includes an exit whose code the executor could not learn", async () => {
    await using line = await after(() => readResult({ nextSeq: 3, exited: true, exitCode: null }));
    expect(await line.process.exited).toEqual({ exitCode: -1, sandboxDenied: false });
  });

  test("is asked for nothing but processes that are known to have started and have not ended", async () => {
    await using line = await recoverable();
    const { processes } = line.executor;
    const ended = await processes.start({ argv: ["a"], processId: "ended" });
    line.dialler.last.exited("ended", 1);
    line.dialler.last.finished("ended", 2);
    await ended.closed;
    line.dialler.last.on("process/start", () => NO_ANSWER);
    const failed = expect(processes.start({ argv: ["a"], processId: "starting" })).rejects.toThrow();
    await settle();
    await line.cut();
    await failed;
    expect(line.dialler.last.of("process/read")).toEqual([]);
  });

  test("of many processes is asked for few at a time", async () => {
    let inFlight = 0;
    let most = 0;
    await using line = await recoverable({
      "process/read": async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await settle();
        inFlight -= 1;
        return readResult({ nextSeq: 1 });
      },
    });
    const starts = Array.from({ length: 50 }, () => line.executor.processes.start({ argv: ["a"] }));
    await Promise.all(starts);
    await line.cut();
    while (line.executor.state === "recovering") await settle();
    expect(line.dialler.last.of("process/read")).toHaveLength(50);
    expect(most).toBe(8);
  });

  test("does not count when the line breaks before all is known: the next one is asked from where events ended", async () => {
    await using line = await recoverable({
      "process/read": () => readResult({ chunks: [chunk(1, "a")], nextSeq: 2 }),
    });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    await line.executor.processes.start({ argv: ["a"], processId: "q" });
    line.dialler.plans.push({
      "process/read": ({ processId }, server) => {
        if (processId === "p") return readResult({ chunks: [chunk(1, "a")], nextSeq: 2 });
        server.hangUp();
        return NO_ANSWER;
      },
    });
    await line.cut();
    await line.clock.advance(100);
    await settle();
    expect(line.executor.state).toBe("connected");
    const asked = line.dialler.servers.map((server) => server.of("process/read").map(({ afterSeq }) => afterSeq));
    expect(asked.slice(1).flat()).toContain(0);
    line.dialler.last.exited("p", 2);
    line.dialler.last.finished("p", 3);
    expect(await collectAll(process.events())).toHaveLength(3);
  });
});

describe("what can not be made whole fails its own process only:", () => {
  const cases: [string, Record<string, unknown>, object][] = [
    [
      "output that is retained no longer",
      { chunks: [chunk(40, "z")], nextSeq: 41 },
      { name: "OutputGapError", fromSeq: 2, toSeq: 39, missingEvents: 38 },
    ],
    [
      "a hole with nothing behind it",
      { chunks: [], nextSeq: 10 },
      { name: "OutputGapError", fromSeq: 2, toSeq: 9, missingEvents: 8 },
    ],
    [
      "a hole behind which it ended",
      { chunks: [chunk(40, "z")], nextSeq: 43, exited: true, exitCode: 0, closed: true },
      { name: "OutputGapError", fromSeq: 2, toSeq: 39 },
    ],
    ["numbers that go back", { nextSeq: 1 }, { name: "ProcessEventsError", code: "protocol" }],
    [
      "output past its own end",
      { chunks: [chunk(9, "z")], nextSeq: 3 },
      { name: "ProcessEventsError", code: "protocol" },
    ],
    [
      "output that is no base64",
      { chunks: [{ seq: 2, stream: "stdout", chunk: "AAA!AAAA" }], nextSeq: 3 },
      { name: "ProcessEventsError", code: "not-recovered", message: expect.stringContaining("chunks[0].chunk") },
    ],
    [
      "output where the close is",
      { chunks: [chunk(2, "z")], nextSeq: 3, exited: true, exitCode: 0, closed: true },
      { name: "ProcessEventsError", code: "protocol" },
    ],
    ["an answer that makes no sense", { chunks: "none" }, { name: "ProcessEventsError", code: "not-recovered" }],
  ];
  test.each(cases)("%s", async (_, answer, error) => {
    await using line = await after(() => readResult(answer));
    await expect(line.events).rejects.toMatchObject({ processId: "p", ...error });
    await expect(line.process.closed).rejects.toMatchObject(error);
    await settle();
    expect(line.executor.state).toBe("connected");
    expect(line.dialler.last.of("process/terminate")).toEqual([{ processId: "p", includeDescendants: true }]);
    const other = await line.executor.processes.start({ argv: ["a"], processId: "other" });
    line.dialler.last.exited("other", 1);
    expect(await other.exited).toMatchObject({ exitCode: 0 });
  });

  test("a process that the executor has forgotten", async () => {
    await using line = await after(() => {
      throw new Refusal(-32600, "unknown process id p");
    });
    await expect(line.process.closed).rejects.toMatchObject({
      name: "ProcessEventsError",
      code: "not-recovered",
      message: expect.stringContaining("unknown process id p"),
      cause: { name: "RemoteError", code: -32600 },
    });
    expect(line.executor.state).toBe("connected");
  });
});

test("a read that was under way when the line broke no longer decides anything", async () => {
  await using line = await after(
    () => readResult({ chunks: [chunk(2, "b"), chunk(3, "c")], nextSeq: 4 }),
    (server) => {
      server.on("process/read", () => NO_ANSWER);
      server.output("p", 3, "c");
    },
  );
  line.dialler.last.exited("p", 4);
  line.dialler.last.finished("p", 5);
  expect(await line.events).toEqual(["1 output", "2 output", "3 output", "4 exited", "5 closed"]);
});

test("a hole on the new line is read back once, after 250 ms, as on any line", async () => {
  let reads = 0;
  await using line = await after(() => {
    reads += 1;
    return reads === 1 ? readResult({ nextSeq: 2 }) : readResult({ chunks: [chunk(2, "b")], nextSeq: 4 });
  });
  line.dialler.last.output("p", 3, "c");
  await settle();
  await line.clock.advance(249);
  expect(reads).toBe(1);
  await line.clock.advance(1);
  await settle();
  expect(reads).toBe(2);
  line.dialler.last.exited("p", 4);
  line.dialler.last.finished("p", 5);
  expect(await line.events).toHaveLength(5);
});
