import { describe, expect, test } from "vitest";
import type { RunningProcess } from "../src/process/running-process.ts";
import { collectAll, connected, settle, text } from "./support/connected.ts";
import { chunk, Refusal, readResult } from "./support/fake-exec-server.ts";

function p(process: RunningProcess) {
  return process.id;
}

describe("events", () => {
  test("come in order although the line mixes them up, without any read", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"] });
    line.server.finished(p(process), 5);
    line.server.output(p(process), 2, "b", "stderr");
    line.server.output(p(process), 2, "b", "stderr");
    line.server.exited(p(process), 3, 4, true);
    line.server.output(p(process), 1, "a");
    line.server.output(p(process), 4, "c");
    const events = await collectAll(process.events());
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(events[1]).toMatchObject({ type: "output", stream: "stderr" });
    expect(await process.closed).toEqual({ exitCode: 4, sandboxDenied: true });
    await line.clock.advance(60_000);
    expect(line.server.of("process/read")).toEqual([]);
  });

  test("of a complete stream leave nothing to clean up: no terminate is sent", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"] });
    line.server.exited(p(process), 1);
    line.server.finished(p(process), 2);
    await process.closed;
    await process[Symbol.asyncDispose]();
    await settle();
    expect(line.server.of("process/terminate")).toEqual([]);
  });

  test("of an executor without sandboxDenied cost exactly one read, after the number before the exit", async () => {
    await using line = await connected({
      "process/read": () => readResult({ nextSeq: 4, exited: true, exitCode: 1, closed: true, sandboxDenied: true }),
    });
    const process = await line.executor.processes.start({ argv: ["a"] });
    line.server.output(p(process), 1, "a");
    line.server.exitedLegacy(p(process), 2, 1);
    line.server.finished(p(process), 3);
    expect(await process.closed).toEqual({ exitCode: 1, sandboxDenied: true });
    await line.clock.advance(60_000);
    expect(line.server.of("process/read")).toEqual([{ processId: process.id, afterSeq: 1, waitMs: 0 }]);
  });

  test("that went missing are read back once, 250 ms later", async () => {
    await using line = await connected({
      "process/read": () => readResult({ chunks: [chunk(2, "two"), chunk(3, "three")], nextSeq: 4 }),
    });
    const process = await line.executor.processes.start({ argv: ["a"] });
    line.server.output(p(process), 1, "one");
    line.server.output(p(process), 3, "three");
    await settle();
    await line.clock.advance(249);
    expect(line.server.of("process/read")).toEqual([]);
    await line.clock.advance(1);
    line.server.exited(p(process), 4);
    line.server.finished(p(process), 5);
    const events = await collectAll(process.events());
    expect(events.map((event) => (event.type === "output" ? text(event.data) : event.type))).toEqual([
      "one",
      "two",
      "three",
      "exited",
      "closed",
    ]);
    expect(line.server.of("process/read")).toEqual([{ processId: process.id, afterSeq: 1, waitMs: 0 }]);
  });

  test("that nobody has any more fail that process, which is terminated, and no other", async () => {
    await using line = await connected({ "process/read": () => readResult({ chunks: [chunk(9, "x")], nextSeq: 10 }) });
    const broken = await line.executor.processes.start({ argv: ["a"] });
    const healthy = await line.executor.processes.start({ argv: ["b"] });
    line.server.output(p(broken), 1, "a");
    line.server.output(p(broken), 9, "x");
    await settle();
    await line.clock.advance(250);
    const seen: number[] = [];
    const read = (async () => {
      for await (const { seq } of broken.events()) seen.push(seq);
    })();
    await expect(read).rejects.toMatchObject({ code: "output-gap", fromSeq: 2, toSeq: 8 });
    expect(seen).toEqual([1]);
    await expect(broken.closed).rejects.toMatchObject({ code: "output-gap" });
    await settle();
    expect(line.server.of("process/terminate")).toEqual([{ processId: broken.id, includeDescendants: true }]);
    line.server.exited(p(healthy), 1);
    line.server.finished(p(healthy), 2);
    expect(await healthy.closed).toEqual({ exitCode: 0, sandboxDenied: false });
  });

  test("that flood ahead of a missing one fail that process only", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"] });
    for (let seq = 2; seq <= 258; seq += 1) line.server.output(p(process), seq, "x");
    await expect(process.exited).rejects.toMatchObject({ name: "ProcessEventsError", code: "reorder-overflow" });
    await expect(line.executor.run(["b"], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    expect(line.server.closed).toBeUndefined();
  });

  test("are replayed to a late subscriber, and to a second one", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"] });
    line.server.output(p(process), 1, "a");
    line.server.exited(p(process), 2);
    line.server.finished(p(process), 3);
    await process.closed;
    const [first, second] = await Promise.all([collectAll(process.events()), collectAll(process.events())]);
    expect(first.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(second).toEqual(first);
    expect((await collectAll(process.events({ afterSeq: 1 }))).map(({ seq }) => seq)).toEqual([2, 3]);
  });

  test("of unknown processes are ignored", async () => {
    await using line = await connected();
    line.server.output("nobody", 1, "a");
    await settle();
    expect(line.server.closed).toBeUndefined();
  });

  test("end with the link error when the line is lost, after what had arrived", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"] });
    line.server.output(p(process), 1, "a");
    await settle();
    const seen: number[] = [];
    const read = (async () => {
      for await (const { seq } of process.events()) seen.push(seq);
    })();
    line.server.hangUp();
    await expect(read).rejects.toMatchObject({ name: "LinkError", code: "closed", delivery: "unknown" });
    expect(seen).toEqual([1]);
    await expect(process.exited).rejects.toMatchObject({ code: "closed" });
    await expect(process.closed).rejects.toMatchObject({ code: "closed" });
    await process[Symbol.asyncDispose]();
  });
});

describe("a subscriber that comes too late for the log", () => {
  const SMALL_EVENTS = 300;

  test("reads the beginning back from the executor", async () => {
    const all = Array.from({ length: SMALL_EVENTS }, (_, index) => chunk(index + 1, `${index + 1};`));
    await using line = await connected({
      "process/read": ({ afterSeq }) =>
        readResult({ chunks: all.filter(({ seq }) => seq > afterSeq), nextSeq: SMALL_EVENTS + 1 }),
    });
    const process = await line.executor.processes.start({ argv: ["a"] });
    for (const { seq } of all) line.server.output(p(process), seq, `${seq};`);
    line.server.exited(p(process), SMALL_EVENTS + 1);
    line.server.finished(p(process), SMALL_EVENTS + 2);
    await process.closed;
    const events = await collectAll(process.events());
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: SMALL_EVENTS + 2 }, (_, index) => index + 1));
    expect(text((events[0] as { data: Uint8Array }).data)).toBe("1;");
    expect(line.server.of("process/read")).toHaveLength(1);
  });

  test("is told how many events and bytes are lost when the executor dropped them too, and can go on behind them", async () => {
    await using line = await connected({
      "process/read": () => readResult({ chunks: [chunk(40, "xx"), chunk(41, "xx")], nextSeq: SMALL_EVENTS + 1 }),
    });
    const process = await line.executor.processes.start({ argv: ["a"] });
    for (let seq = 1; seq <= SMALL_EVENTS; seq += 1) line.server.output(p(process), seq, "xx");
    line.server.exited(p(process), SMALL_EVENTS + 1);
    line.server.finished(p(process), SMALL_EVENTS + 2);
    await process.closed;
    // The log holds the newest 256 of 302: 47 and later. The executor has 40 and 41; a second gap follows them.
    await expect(collectAll(process.events())).rejects.toMatchObject({ code: "output-gap", fromSeq: 1, toSeq: 39 });
    const rest = collectAll(process.events({ afterSeq: 46 }));
    expect((await rest).map(({ seq }) => seq)).toEqual(Array.from({ length: 256 }, (_, index) => index + 47));
  });

  test("is told the exact number of bytes of one gap", async () => {
    await using line = await connected({
      "process/read": () => {
        throw new Refusal(-32600, "unknown process id p");
      },
    });
    const process = await line.executor.processes.start({ argv: ["a"] });
    for (let seq = 1; seq <= SMALL_EVENTS; seq += 1) line.server.output(p(process), seq, "xx");
    await settle();
    const error = await collectAll(process.events()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ fromSeq: 1, toSeq: 44, missingEvents: 44, missingBytes: 88 });
    expect(error).toMatchObject({ cause: { code: -32600 }, message: expect.stringContaining("88 bytes") });
  });

  test("loses nothing when it was there in time, however slowly it reads", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"] });
    const events = process.events();
    line.server.output(p(process), 1, "first");
    expect((await events.next()).value).toMatchObject({ seq: 1 });
    for (let seq = 2; seq <= 2_000; seq += 1) line.server.output(p(process), seq, "x".repeat(1_000));
    line.server.exited(p(process), 2_001);
    line.server.finished(p(process), 2_002);
    await process.closed;
    const rest = await collectAll(events);
    expect(rest.map(({ seq }) => seq)).toEqual(Array.from({ length: 2_001 }, (_, index) => index + 2));
    expect(line.server.of("process/read")).toEqual([]);
  });
});
