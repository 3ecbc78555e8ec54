import { describe, expect, test } from "vitest";
import { connected, settle } from "../support/connected.ts";
import { type Recoverable, recoverable } from "../support/dialler.ts";
import { chunk, LINUX_INFO, NO_ANSWER, Refusal, readResult } from "../support/fake-exec-server.ts";

/** With what an event counts besides its output it is 1 MiB. */
const BIG_BYTES = 1_048_576 - 256;
const BIG = "x".repeat(BIG_BYTES);

/** A client of an executor that can hold nothing back, each of whose sessions has a number. */
function client(handlers: Parameters<typeof recoverable>[0] = {}, more: object = {}): Promise<Recoverable> {
  let sessions = 0;
  return recoverable(
    {
      initialize: ({ resumeSessionId }) => ({
        sessionId: resumeSessionId ?? `session-${++sessions}`,
        environmentInfo: LINUX_INFO,
      }),
      ...handlers,
    },
    { processConnections: undefined, ...more },
  );
}

function start({ executor }: Recoverable, processId: string) {
  return executor.processes.start({ argv: ["a"], processId });
}

describe("where the executor can not hold back one process, each that is started", () => {
  test("has a session and a connection of its own, which a slow reader of it holds alone", async () => {
    await using line = await client();
    const [p, q] = [await start(line, "p"), await start(line, "q")];
    expect([line.dialler.dials, line.executor.sessionId, p.sessionId, q.sessionId]).toEqual([
      3,
      "session-1",
      "session-2",
      "session-3",
    ]);
    const [, ofP, ofQ] = line.dialler.servers;
    const reader = p.stdout.getReader();
    for (let seq = 1; seq <= 6; seq += 1) ofP?.output("p", seq, BIG);
    await settle();
    expect(p.lastSeq).toBe(4);
    ofQ?.exited("q", 1);
    ofQ?.finished("q", 2);
    expect(await q.closed).toMatchObject({ exitCode: 0 });
    for (let left = 6; left > 0; left -= 1) expect((await reader.read()).value?.byteLength).toBe(BIG_BYTES);
    expect(p.lastSeq).toBe(6);
  });

  test("is written to and ended over its own connection, while that is held", async () => {
    await using line = await client({ "process/terminate": () => ({ running: true }) });
    const p = await start(line, "p");
    p.stdout.getReader();
    const [main, own] = line.dialler.servers;
    for (let seq = 1; seq <= 5; seq += 1) own?.output("p", seq, BIG);
    await settle();
    await p.write("more");
    expect(await p.terminate()).toEqual({ running: true });
    own?.exited("p", 6, 137);
    own?.finished("p", 7);
    expect(await p.closed).toMatchObject({ exitCode: 137 });
    expect(main?.received.map(({ method }) => method)).toEqual(["initialize", "initialized"]);
  });

  test("has its session taken up again when its connection is lost, and stays held", async () => {
    await using line = await client({
      "process/read": () => readResult({ chunks: [chunk(5, BIG)], nextSeq: 6 }),
    });
    const p = await start(line, "p");
    const reader = p.stdout.getReader();
    for (let seq = 1; seq <= 5; seq += 1) line.dialler.last.output("p", seq, BIG);
    await settle();
    await line.cut();
    expect(line.dialler.last.of("initialize")).toMatchObject([{ resumeSessionId: "session-2" }]);
    expect([line.executor.state, line.states]).toEqual(["connected", []]);
    line.dialler.last.output("p", 6, BIG);
    line.dialler.last.exited("p", 7);
    line.dialler.last.finished("p", 8);
    await settle();
    expect(p.lastSeq).toBe(5);
    let bytes = 0;
    for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.byteLength;
    expect(bytes).toBe(6 * BIG_BYTES);
  });

  test("keeps its session for 30 s after its close, so that its output can be read back", async () => {
    await using line = await client();
    const p = await start(line, "p");
    const { last: own } = line.dialler;
    own.exited("p", 1);
    own.finished("p", 2);
    await p.closed;
    await line.clock.advance(29_999);
    expect(own.closed).toBeUndefined();
    await line.clock.advance(1);
    await settle();
    expect(own.closed).toContain("its process has closed");
    expect([await p.terminate(), await p.acceptsInput(), await p.interrupt()]).toEqual([
      { running: false },
      false,
      undefined,
    ]);
    expect(line.executor.state).toBe("connected");
  });

  test("keeps it for less when many close: eight are kept", async () => {
    await using line = await client();
    for (let count = 1; count <= 10; count += 1) {
      const p = await start(line, `p-${count}`);
      line.dialler.last.exited(`p-${count}`, 1);
      line.dialler.last.finished(`p-${count}`, 2);
      await p.closed;
    }
    await settle();
    const isOpen = line.dialler.servers.map((server) => server.closed === undefined);
    expect(isOpen).toEqual([true, false, false, true, true, true, true, true, true, true, true]);
  });

  test("lets go of its connection when it is refused", async () => {
    await using line = await client({
      "process/start": () => {
        throw new Refusal(-32603, "No such file or directory (os error 2)");
      },
    });
    await expect(start(line, "p")).rejects.toMatchObject({ code: "ENOENT", cause: { code: -32603 } });
    await settle();
    expect(line.dialler.last.closed).toContain("did not start");
    expect(line.dialler.last.of("process/terminate")).toEqual([]);
  });

  test("is terminated when it is given up, before its connection goes", async () => {
    let answer: ((result: unknown) => void) | undefined;
    await using line = await client({ "process/start": () => new Promise((resolve) => (answer = resolve)) });
    const giveUp = new AbortController();
    const started = line.executor.processes.start({ argv: ["a"], processId: "p" }, { signal: giveUp.signal });
    await settle();
    giveUp.abort();
    await expect(started).rejects.toMatchObject({ code: "aborted", delivery: "unknown" });
    await settle();
    const { last: own } = line.dialler;
    expect([own.of("process/terminate"), own.closed]).toEqual([[], undefined]);
    answer?.({ processId: "p" });
    await settle();
    expect(own.of("process/terminate")[0]).toMatchObject({ processId: "p" });
    expect(own.closed).toContain("did not start");
  });

  test("shares the connection of the session when there is no other to be had", async () => {
    await using line = await client();
    line.dialler.plans.push("nobody");
    const p = await start(line, "p");
    expect([line.dialler.dials, line.dialler.servers.length, p.sessionId]).toEqual([2, 1, "session-1"]);
  });

  test("shares it, too, as the 65th that runs", async () => {
    await using line = await client();
    const started = await Promise.all(Array.from({ length: 65 }, (_, index) => start(line, `p-${index}`)));
    expect(started.filter(({ sessionId }) => sessionId === "session-1")).toHaveLength(1);
    expect(line.dialler.dials).toBe(65);
  });

  test("must have a name that no other one of this client has", async () => {
    await using line = await client();
    const [first, second] = [start(line, "p"), start(line, "p")];
    await expect(second).rejects.toMatchObject({ code: "invalid-argument", argument: "processId" });
    await first;
    await expect(start(line, "p")).rejects.toMatchObject({ code: "invalid-argument", argument: "processId" });
    expect(line.dialler.dials).toBe(2);
  });

  test("ends its connection with the executor's", async () => {
    await using line = await client();
    const p = await start(line, "p");
    await line.executor.close();
    await expect(p.closed).rejects.toMatchObject({ code: "closed" });
    await settle();
    expect(line.dialler.servers.map(({ closed }) => closed !== undefined)).toEqual([true, true]);
  });
});

describe("one connection serves all", () => {
  test.each([
    ["when it is asked for", { processConnections: "shared" }],
    ["when a session is taken up, whose processes are there", { resumeSessionId: "session-7" }],
  ])("%s", async (_, options) => {
    await using line = await client({}, options);
    const p = await start(line, "p");
    expect([line.dialler.dials, p.sessionId]).toEqual([1, line.executor.sessionId]);
  });

  test("where the executor can hold back one process", async () => {
    const capabilities = { holdfastOutputHold: true };
    await using line = await client({
      initialize: () => ({ sessionId: "session-1", environmentInfo: { ...LINUX_INFO, capabilities } }),
    });
    await start(line, "p");
    expect(line.dialler.dials).toBe(1);
  });

  test("for `run`, which takes what comes at once", async () => {
    await using line = await client({ "process/start": () => NO_ANSWER });
    void line.executor.run(["a"]).catch(() => {});
    await settle();
    expect([line.dialler.dials, line.dialler.last.of("process/start")]).toMatchObject([1, [{ argv: ["a"] }]]);
  });

  test("where there is only one, and more can not be asked for", async () => {
    await using line = await connected();
    expect((await line.executor.processes.start({ argv: ["a"] })).sessionId).toBe("session-1");
    await expect(connected({}, { processConnections: "own" })).rejects.toMatchObject({
      code: "invalid-argument",
      argument: "processConnections",
    });
  });
});
