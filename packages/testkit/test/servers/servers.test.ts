import {
  answersGarbage,
  answersLate,
  answersUnknownIds,
  type BrokenSequence,
  brokenSequence,
  exclusiveSession,
  exitsWithoutCode,
  FakeExecServer,
  floodNotices,
  GARBAGE,
  type Handlers,
  hangsUpAt,
  neverAnswers,
  otherSession,
  refusesResume,
  tellOfUnknownProcesses,
} from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import { MemoryLine } from "./memory-lines.ts";

function serve(handlers: Handlers = {}) {
  const line = new MemoryLine();
  return { line, server: new FakeExecServer(line, handlers) };
}

const NEW = { clientName: "c", resumeSessionId: null };
const RESUME = { clientName: "c", resumeSessionId: "session-1" };

describe("a scripted server", () => {
  test("answers decently what nobody scripted, and refuses what it does not know", async () => {
    const { line, server } = serve();
    await line.call("initialize", NEW);
    await line.call("process/start", { processId: "p" });
    await line.call("fs/fly");
    expect(line.messages).toMatchObject([
      { id: 1, result: { sessionId: "session-1" } },
      { id: 2, result: { processId: "p" } },
      { id: 3, error: { code: -32601 } },
    ]);
    expect(server.of("process/start")).toEqual([{ processId: "p" }]);
    server.hangUp();
    expect(server.closed).toBe("the server went away");
  });
});

describe("sessions", () => {
  test("another one is given only to who resumes", async () => {
    const { line } = serve(otherSession("other"));
    await line.call("initialize", NEW);
    await line.call("initialize", RESUME);
    expect(line.messages).toMatchObject([{ result: { sessionId: "session-1" } }, { result: { sessionId: "other" } }]);
  });

  test.each([-32600, -32010] as const)("a resume is refused with %i until it is over", async (code) => {
    let isOver = false;
    const { line } = serve(refusesResume(code, () => isOver));
    await line.call("initialize", RESUME);
    isOver = true;
    await line.call("initialize", RESUME);
    expect(line.messages).toMatchObject([{ error: { code } }, { result: { sessionId: "session-1" } }]);
  });
});

describe("one session", () => {
  test("is held by one connection at a time", async () => {
    const handlers = exclusiveSession();
    const [first, second] = [serve(handlers), serve(handlers)];
    await first.line.call("initialize", NEW);
    await second.line.call("initialize", RESUME);
    first.server.hangUp();
    await second.line.call("initialize", RESUME);
    expect(second.line.messages).toMatchObject([{ error: { code: -32010 } }, { result: { sessionId: "session-1" } }]);
  });
});

describe("answers", () => {
  test("never come", async () => {
    const { line } = serve(neverAnswers("fs/readFile", "process/start"));
    await line.call("fs/readFile");
    await line.call("process/start", { processId: "p" });
    expect(line.frames).toEqual([]);
  });

  test("come late", async () => {
    const late = answersLate("fs/readFile", () => ({ dataBase64: "" }));
    const { line } = serve(late.handlers);
    await line.call("fs/readFile");
    expect(line.frames).toEqual([]);
    late.release();
    await line.call("fs/close");
    expect(line.messages.find(({ id }) => id === 1)).toEqual({ id: 1, result: { dataBase64: "" } });
  });

  test("are a closed line", async () => {
    const { line } = serve(hangsUpAt("initialize"));
    await line.call("initialize", NEW);
    expect([line.frames, line.ended]).toEqual([[], "the server went away"]);
  });

  test("are garbage, as it stands", async () => {
    const frames = Object.values(GARBAGE);
    for (const frame of frames) {
      const { line } = serve(answersGarbage("fs/readFile", frame));
      await line.call("fs/readFile");
      expect(line.frames).toEqual([frame]);
    }
    expect(frames.length).toBeGreaterThan(8);
  });

  test("to nobody come before the true one", async () => {
    const { line } = serve({ "fs/readFile": answersUnknownIds(() => ({ dataBase64: "YQ==" })) });
    await line.call("fs/readFile");
    expect(line.messages.slice(0, -1).map(({ id }) => id)).not.toContain(1);
    expect(line.messages.length).toBeGreaterThan(4);
    expect(line.messages.at(-1)).toEqual({ id: 1, result: { dataBase64: "YQ==" } });
  });
});

describe("events", () => {
  const numbers = async (handlers: Handlers): Promise<unknown[]> => {
    const { line } = serve(handlers);
    await line.call("process/start", { processId: "p" });
    await line.call("fs/close");
    const notices = line.messages.filter(({ method }) => method !== undefined);
    return notices.map(({ params }) => (params as { seq: unknown }).seq);
  };

  test.each<[BrokenSequence, number[]]>([
    ["jumps", [1, 2, 4, 5, 6]],
    ["repeats", [1, 1, 2, 2, 3, 3, 4, 4]],
    ["goes back", [1, 2, 1, 2, 3, 1, 4, 2]],
    ["backwards", [4, 3, 2, 1]],
    ["exits twice", [1, 2, 3, 4]],
  ])("are numbered in a way that %s", async (kind, seqs) => {
    expect(await numbers(brokenSequence(kind))).toEqual(seqs);
  });

  test("end without a code, or without an exit", async () => {
    expect(await numbers(exitsWithoutCode("absent"))).toEqual([1, 2, 3]);
    expect(await numbers(exitsWithoutCode("no exit"))).toEqual([1, 2]);
    const { line } = serve(exitsWithoutCode("null"));
    await line.call("process/start", { processId: "p" });
    await line.call("fs/close");
    expect(line.messages.find(({ method }) => method === "process/exited")?.params).toMatchObject({ exitCode: null });
  });

  test("tell of strangers, and flood", () => {
    const { line, server } = serve();
    tellOfUnknownProcesses(server);
    const told = line.messages.length;
    expect(told).toBeGreaterThan(10);
    floodNotices(server, 100);
    floodNotices(server, 50, { processId: "p", firstSeq: 3 });
    const flood = line.messages.slice(told);
    expect(flood).toHaveLength(150);
    expect(flood[100]?.params).toMatchObject({ processId: "p", seq: 3 });
  });
});
