import { describe, expect, test } from "vitest";
import type { AttachOptions } from "../src/processes.ts";
import { collectAll, connected, settle, text } from "./support/connected.ts";
import { recoverable } from "./support/dialler.ts";
import { chunk, type Handler, NO_ANSWER, Refusal, readResult } from "./support/fake-exec-server.ts";

/** Attach to a process of which the first read says this. */
async function attached(read: Handler, options?: AttachOptions) {
  const line = await connected({ "process/read": read }, { resumeSessionId: "session-1" });
  const process = await line.executor.processes.attach("p", options);
  return Object.assign(line, { process });
}

async function told(events: AsyncIterable<{ seq: number; type: string }>): Promise<string[]> {
  return (await collectAll(events)).map(({ seq, type }) => `${seq} ${type}`);
}

describe("taking up a session", () => {
  test("asks for it, and tells what the executor is even when the handshake does not", async () => {
    const initialize: Handler = ({ resumeSessionId }) => ({ sessionId: resumeSessionId });
    const info = { "environment/info": () => ({ shell: { name: "sh", path: "/bin/sh" } }) };
    await using line = await connected({ initialize, ...info }, { resumeSessionId: "theirs" });
    expect(line.executor.sessionId).toBe("theirs");
    expect(line.server.of("initialize")).toMatchObject([{ resumeSessionId: "theirs" }]);
    expect(line.server.of("initialized")).toHaveLength(1);
  });

  test.each([
    [-32600, "unknown session id theirs"],
    [-32010, "session theirs is already attached to another connection"],
  ])("is refused with %i as the executor says it, and the line is closed", async (code, message) => {
    let close: (() => string | undefined) | undefined;
    const initialize: Handler = (_, server) => {
      close = () => server.closed;
      throw new Refusal(code, message);
    };
    const attempt = connected({ initialize }, { resumeSessionId: "theirs" });
    await expect(attempt).rejects.toMatchObject({ name: "RemoteError", code, message });
    await settle();
    expect(close?.()).toBeDefined();
  });

  test("fails when another session is answered", async () => {
    await expect(connected({}, { resumeSessionId: "theirs" })).rejects.toMatchObject({
      name: "LinkError",
      code: "malformed",
      message: "the executor answered with session session-1 instead of theirs",
    });
  });

  test("refuses an empty id before it dials", async () => {
    await expect(connected({}, { resumeSessionId: "" })).rejects.toMatchObject({ argument: "resumeSessionId" });
  });
});

describe("attaching to a process", () => {
  test("replays what is retained and follows it, merging what was pushed before the read was answered", async () => {
    await using line = await attached((_, server) => {
      server.output("p", 2, "b");
      server.output("p", 3, "c");
      return readResult({ chunks: [chunk(1, "a"), chunk(2, "b")], nextSeq: 3 });
    });
    line.server.output("p", 3, "c");
    line.server.exited("p", 4, 6);
    line.server.finished("p", 5);
    const events = await collectAll(line.process.events());
    expect(events.map((event) => (event.type === "output" ? text(event.data) : event.type))).toEqual([
      "a",
      "b",
      "c",
      "exited",
      "closed",
    ]);
    expect(await line.process.closed).toEqual({ exitCode: 6, sandboxDenied: false });
    expect(line.server.of("process/read")).toHaveLength(1);
  });

  test("tells a finished process to its end, with the exit where it was", async () => {
    await using line = await attached(() =>
      readResult({ chunks: [chunk(1, "a"), chunk(3, "c")], nextSeq: 5, exited: true, exitCode: 3, closed: true }),
    );
    expect(line.process.lastSeq).toBe(4);
    expect(await told(line.process.events())).toEqual(["1 output", "2 exited", "3 output", "4 closed"]);
  });

  test("one that printed nothing has its exit and its close", async () => {
    await using line = await attached(() => readResult({ nextSeq: 3, exited: true, exitCode: 3, closed: true }));
    expect(await told(line.process.events())).toEqual(["1 exited", "2 closed"]);
    expect(await line.process.exited).toMatchObject({ exitCode: 3 });
  });

  test("leaves out what is up to afterSeq, be it the exit", async () => {
    const read: Handler = ({ afterSeq }) => {
      const chunks = [chunk(1, "a"), chunk(3, "c")].filter(({ seq }) => seq > afterSeq);
      return readResult({ chunks, nextSeq: 5, exited: true, exitCode: 3, closed: true });
    };
    const expected = ["1 output", "2 exited", "3 output", "4 closed"];
    for (let afterSeq = 0; afterSeq <= 4; afterSeq += 1) {
      await using line = await attached(read, { afterSeq });
      expect(await told(line.process.events())).toEqual(expected.slice(afterSeq));
      expect(await line.process.closed).toMatchObject({ exitCode: 3 });
    }
  });

  test("tells a gap where the executor dropped the beginning, and goes on behind it", async () => {
    await using line = await attached(() => readResult({ chunks: [chunk(5, "e"), chunk(6, "f")], nextSeq: 7 }));
    await expect(collectAll(line.process.events())).rejects.toMatchObject({
      code: "output-gap",
      fromSeq: 1,
      toSeq: 4,
      missingBytes: undefined,
    });
    line.server.exited("p", 7, 0);
    line.server.finished("p", 8);
    expect(await told(line.process.events({ afterSeq: 4 }))).toEqual(["5 output", "6 output", "7 exited", "8 closed"]);
    expect(line.server.of("process/terminate")).toEqual([]);
  });

  test("an exit among what was dropped is told all the same, behind the gap", async () => {
    const result = { chunks: [chunk(9, "i")], nextSeq: 11, exited: true, exitCode: 4, closed: true };
    await using line = await attached(() => readResult(result));
    await expect(collectAll(line.process.events())).rejects.toMatchObject({ fromSeq: 1, toSeq: 7 });
    expect(await told(line.process.events({ afterSeq: 7 }))).toEqual(["8 exited", "9 output", "10 closed"]);
    expect(await line.process.closed).toMatchObject({ exitCode: 4 });
  });

  test("numbers its input apart from that of whoever wrote before", async () => {
    await using line = await attached(() => readResult({ nextSeq: 1 }));
    expect(await line.process.acceptsInput()).toBe(true);
    await line.process.write("x");
    const ids = line.server.of("process/write").map(({ writeId }) => String(writeId));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}:\d+$/);
    line.server.on("process/write", () => ({ status: "stdinClosed" }));
    expect(await line.process.acceptsInput()).toBe(false);
  });

  test("does not end what it did not start: neither on disposal nor when its events can not be put in order", async () => {
    await using line = await attached(() => readResult({ chunks: [chunk(1, "a"), chunk(5, "e")], nextSeq: 6 }));
    await expect(line.process.closed).rejects.toMatchObject({ code: "output-gap", fromSeq: 2, toSeq: 4 });
    await line.process[Symbol.asyncDispose]();
    await settle();
    expect(line.server.of("process/terminate")).toEqual([]);
  });

  test("an unknown process has an error of its own, and may be asked for again", async () => {
    await using line = await connected({
      "process/read": () => {
        throw new Refusal(-32600, "unknown process id p");
      },
    });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(line.executor.processes.attach("p")).rejects.toMatchObject({
        name: "UnknownProcessError",
        code: "unknown-process",
        processId: "p",
        cause: { code: -32600 },
      });
    }
  });

  test("refuses an afterSeq that is none or ahead of the process, and a second attachment", async () => {
    await using line = await attached(() => readResult({ chunks: [chunk(1, "a")], nextSeq: 2 }));
    const { processes } = line.executor;
    await expect(processes.attach("p")).rejects.toMatchObject({ argument: "processId" });
    await expect(processes.attach("q", { afterSeq: 2 })).rejects.toMatchObject({ argument: "afterSeq" });
    for (const afterSeq of [-1, 0.5, Number.NaN]) {
      await expect(processes.attach("q", { afterSeq })).rejects.toMatchObject({ argument: "afterSeq" });
    }
  });

  test("can be given up", async () => {
    const asking = Promise.withResolvers<void>();
    await using line = await connected({
      "process/read": () => {
        asking.resolve();
        return NO_ANSWER;
      },
    });
    const abort = new AbortController();
    const attempt = line.executor.processes.attach("p", { signal: abort.signal });
    await asking.promise;
    abort.abort();
    await expect(attempt).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("a lost line under an attached process", () => {
  const initialize: Handler = () => ({ sessionId: "s", environmentInfo: { shell: { name: "sh", path: "/bin/sh" } } });

  test("is healed as under one that was started here", async () => {
    const chunks = [chunk(1, "a"), chunk(2, "b"), chunk(3, "c")];
    let through = 1;
    const read: Handler = ({ afterSeq }) =>
      readResult({ chunks: chunks.slice(0, through).filter(({ seq }) => seq > afterSeq), nextSeq: through + 1 });
    await using line = await recoverable({ initialize, "process/read": read }, { resumeSessionId: "s" });
    const process = await line.executor.processes.attach("p");
    const events = told(process.events());
    through = 3;
    await line.cut();
    line.dialler.last.output("p", 3, "c");
    line.dialler.last.exited("p", 4);
    line.dialler.last.finished("p", 5);
    expect(await events).toEqual(["1 output", "2 output", "3 output", "4 exited", "5 closed"]);
  });

  test("before the first read was answered, it is read on the next line", async () => {
    let reads = 0;
    const read: Handler = (_, server) => {
      reads += 1;
      if (reads === 1) {
        server.output("p", 2, "b");
        return NO_ANSWER;
      }
      return readResult({ chunks: [chunk(1, "a"), chunk(2, "b"), chunk(3, "c")], nextSeq: 4 });
    };
    await using line = await recoverable({ initialize, "process/read": read }, { resumeSessionId: "s" });
    const attaching = line.executor.processes.attach("p");
    await settle();
    await line.cut();
    const process = await attaching;
    line.dialler.last.exited("p", 4);
    line.dialler.last.finished("p", 5);
    expect(await told(process.events())).toEqual(["1 output", "2 output", "3 output", "4 exited", "5 closed"]);
    expect(reads).toBe(2);
  });
});
