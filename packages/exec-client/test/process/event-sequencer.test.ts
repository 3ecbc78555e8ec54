import { METHOD_SCHEMAS } from "@holdfast/exec-server-protocol/zod";
import { LinkError, RemoteError } from "@holdfast/rpc";
import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { OutputGapError, ProcessEventsError } from "../../src/errors.ts";
import { EventSequencer } from "../../src/process/event-sequencer.ts";
import type { ProcessEvent } from "../../src/process/events.ts";
import type { ReadResult } from "../../src/process/read-result.ts";
import { settle } from "../support/connected.ts";
import { chunk, readResult } from "../support/fake-exec-server.ts";

type Answer = Record<string, unknown> | Error | Promise<Record<string, unknown>>;

function output(seq: number, bytes = 1) {
  return { type: "output", seq, stream: "stdout", data: new Uint8Array(bytes) } as const;
}

function exited(seq: number, exitCode = 0) {
  return { type: "exited", seq, exitCode, sandboxDenied: false } as const;
}

function legacyExited(seq: number) {
  return { type: "exited", seq, exitCode: 3, sandboxDenied: undefined } as const;
}

function closed(seq: number) {
  return { type: "closed", seq } as const;
}

/** As it comes over the line, and as the stub hands it on. */
function received(result: unknown): ReadResult {
  const checked = METHOD_SCHEMAS["process/read"].result.schema.safeParse(JSON.parse(JSON.stringify(result)));
  if (!checked.success) throw checked.error;
  return checked.data;
}

function setUp(answers: Answer[] = []) {
  const clock = new FakeClock();
  const published: ProcessEvent[] = [];
  const failures: unknown[] = [];
  const reads: number[] = [];
  const sequencer = new EventSequencer({
    processId: "p",
    clock,
    read: async (afterSeq) => {
      reads.push(afterSeq);
      const answer = await answers.shift();
      if (answer instanceof Error) throw answer;
      if (answer === undefined) throw new Error("a read that the test did not expect");
      return received(readResult(answer));
    },
    publish: (event) => void published.push(event),
    fail: (error) => void failures.push(error),
  });
  const seqs = () => published.map((event) => event.seq);
  return { clock, sequencer, published, failures, reads, seqs };
}

describe("events that arrive", () => {
  test("in order are published at once and cost no read", () => {
    const { sequencer, seqs, reads } = setUp();
    for (const event of [output(1), output(2), exited(3), output(4), closed(5)]) sequencer.accept(event);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
    expect(reads).toEqual([]);
  });

  test("in any order are published in order of seq, without a read when the hole closes in time", async () => {
    const { sequencer, seqs, reads, clock } = setUp();
    for (const event of [closed(5), output(2), output(4), exited(3)]) sequencer.accept(event);
    expect(seqs()).toEqual([]);
    await clock.advance(249);
    sequencer.accept(output(1));
    await clock.advance(10_000);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
    expect(reads).toEqual([]);
  });

  test("twice are published once, whether parked or published, and leave nothing waiting", () => {
    const { sequencer, seqs, clock } = setUp();
    for (const seq of [1, 1, 3, 3, 2, 2, 3, 1]) sequencer.accept(output(seq));
    expect(seqs()).toEqual([1, 2, 3]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("after the close are dropped", () => {
    const { sequencer, seqs, failures } = setUp();
    for (const event of [exited(1), closed(2), output(3)]) sequencer.accept(event);
    expect(seqs()).toEqual([1, 2]);
    expect(failures).toEqual([]);
  });

  test("after stop are dropped", async () => {
    const { sequencer, seqs, clock, reads } = setUp();
    sequencer.accept(output(2));
    sequencer.stop();
    expect(clock.pendingTimers).toBe(0);
    sequencer.accept(output(1));
    await clock.advance(1_000);
    expect(seqs()).toEqual([]);
    expect(reads).toEqual([]);
  });
});

describe("a hole that persists for 250 ms", () => {
  test("is filled by one read after the last published event", async () => {
    const { sequencer, published, reads, clock } = setUp([
      { chunks: [chunk(2, "two"), chunk(3, "three")], nextSeq: 4 },
    ]);
    sequencer.accept(output(1));
    sequencer.accept(output(3, 5));
    await clock.advance(250);
    await settle();
    expect(reads).toEqual([1]);
    expect(published.map((event) => event.seq)).toEqual([1, 2, 3]);
    expect(Buffer.from((published[1] as { data: Uint8Array }).data).toString()).toBe("two");
    expect((published[2] as { data: Uint8Array }).data.byteLength).toBe(5);
  });

  test("is the exit when that is the only number left", async () => {
    const { sequencer, published, clock } = setUp([
      { chunks: [chunk(1, "a")], nextSeq: 4, exited: true, exitCode: 9, sandboxDenied: true, closed: true },
    ]);
    sequencer.accept(closed(3));
    await clock.advance(250);
    await settle();
    expect(published.slice(1)).toEqual([{ type: "exited", seq: 2, exitCode: 9, sandboxDenied: true }, closed(3)]);
  });

  test("ends the stream when the read proves the close", async () => {
    const { sequencer, seqs, clock } = setUp([
      { chunks: [chunk(1, "a"), chunk(2, "b")], nextSeq: 5, exited: true, exitCode: 0, closed: true },
    ]);
    sequencer.accept(output(2));
    await clock.advance(250);
    await settle();
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  test("and that the executor can not fill fails the process with the numbers that are missing", async () => {
    const { sequencer, failures, seqs, clock } = setUp([{ chunks: [chunk(5, "x")], nextSeq: 6 }]);
    sequencer.accept(output(1));
    sequencer.accept(output(5));
    await clock.advance(250);
    await settle();
    expect(seqs()).toEqual([1]);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toBeInstanceOf(OutputGapError);
    expect(failures[0]).toMatchObject({ fromSeq: 2, toSeq: 4, missingEvents: 3, missingBytes: undefined });
  });

  test("is never taken for the exit when an output is missing as well", async () => {
    const { sequencer, published, failures, clock } = setUp([
      { chunks: [chunk(3, "c")], nextSeq: 6, exited: true, exitCode: 0, closed: true },
    ]);
    sequencer.accept(output(1));
    sequencer.accept(output(3));
    await clock.advance(250);
    await settle();
    expect(published.map(({ type }) => type)).toEqual(["output"]);
    expect(failures[0]).toMatchObject({ code: "output-gap", fromSeq: 2, toSeq: 2 });
  });

  test("and whose process the executor forgot fails with the refusal as the cause", async () => {
    const refusal = new RemoteError("process/read", { code: -32600, message: "unknown process id p" });
    const { sequencer, failures, clock } = setUp([refusal]);
    sequencer.accept(output(3));
    await clock.advance(250);
    await settle();
    expect(failures[0]).toMatchObject({ code: "output-gap", fromSeq: 1, toSeq: 2, cause: refusal });
  });

  test("gets a second chance when other events came during the read", async () => {
    const first = Promise.withResolvers<Record<string, unknown>>();
    const { sequencer, failures, seqs, reads, clock } = setUp([
      first.promise,
      { chunks: [chunk(4, "four")], nextSeq: 10 },
    ]);
    sequencer.accept(output(3));
    await clock.advance(250);
    sequencer.accept(output(1));
    sequencer.accept(output(2));
    sequencer.accept(output(5));
    first.resolve({ chunks: [chunk(9, "nine")], nextSeq: 10 });
    await settle();
    expect(failures).toEqual([]);
    expect(seqs()).toEqual([1, 2, 3]);
    await clock.advance(250);
    await settle();
    expect(reads).toEqual([0, 3]);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  test("fails with the link error when the line is lost during the read", async () => {
    const lost = new LinkError("closed", "gone", { delivery: "unknown" });
    const { sequencer, failures, clock } = setUp([lost]);
    sequencer.accept(output(2));
    await clock.advance(250);
    await settle();
    expect(failures).toEqual([lost]);
  });
});

describe("the exit of an older executor, without sandboxDenied", () => {
  test("costs exactly one read after the number before it, and is published with the answer", async () => {
    const { sequencer, published, reads, clock } = setUp([
      { chunks: [], nextSeq: 4, exited: true, exitCode: 3, closed: true, sandboxDenied: true },
    ]);
    sequencer.accept(output(1));
    sequencer.accept(legacyExited(2));
    sequencer.accept(closed(3));
    await settle();
    await clock.advance(10_000);
    expect(reads).toEqual([1]);
    expect(published.slice(1)).toEqual([{ type: "exited", seq: 2, exitCode: 3, sandboxDenied: true }, closed(3)]);
  });

  test("means false when the answer lacks it too", async () => {
    const { sequencer, published } = setUp([{ nextSeq: 2, exited: true, exitCode: 3, sandboxDenied: undefined }]);
    sequencer.accept(legacyExited(1));
    await settle();
    expect(published).toEqual([{ type: "exited", seq: 1, exitCode: 3, sandboxDenied: false }]);
  });

  test("takes late output from the same answer", async () => {
    const { sequencer, seqs, reads } = setUp([
      { chunks: [chunk(2, "late")], nextSeq: 4, exited: true, exitCode: 3, closed: true },
    ]);
    sequencer.accept(legacyExited(1));
    await settle();
    expect(reads).toEqual([0]);
    expect(seqs()).toEqual([1, 2, 3]);
  });

  test("shares the read of a hole before it", async () => {
    const { sequencer, published, reads, clock } = setUp([
      { chunks: [chunk(1, "a")], nextSeq: 3, exited: true, exitCode: 3, sandboxDenied: true },
    ]);
    sequencer.accept(legacyExited(2));
    await clock.advance(250);
    await settle();
    expect(reads).toEqual([0]);
    expect(published[1]).toMatchObject({ type: "exited", sandboxDenied: true });
  });

  test("is asked for once, even if the answer denies the exit", async () => {
    const { sequencer, seqs, reads } = setUp([{ nextSeq: 1, exited: false }]);
    sequencer.accept(legacyExited(1));
    await settle();
    expect(reads).toEqual([0]);
    expect(seqs()).toEqual([1]);
  });

  test("is published as not denied when the executor has forgotten the process", async () => {
    const { sequencer, seqs, failures } = setUp([
      new RemoteError("process/read", { code: -32600, message: "unknown" }),
    ]);
    sequencer.accept(legacyExited(1));
    sequencer.accept(closed(2));
    await settle();
    expect(seqs()).toEqual([1, 2]);
    expect(failures).toEqual([]);
  });
});

describe("a broken order fails the process", () => {
  test("when 257 events wait for a missing one", () => {
    const { sequencer, failures } = setUp();
    for (let seq = 2; seq <= 257; seq += 1) sequencer.accept(output(seq));
    expect(failures).toEqual([]);
    sequencer.accept(output(258));
    expect(failures[0]).toBeInstanceOf(ProcessEventsError);
    expect(failures[0]).toMatchObject({ code: "reorder-overflow", processId: "p" });
    expect((failures[0] as Error).message).toContain("256 entries");
  });

  test("when more than 1 MiB waits for a missing event", () => {
    const { sequencer, failures } = setUp();
    sequencer.accept(output(2, 1_048_576));
    expect(failures).toEqual([]);
    sequencer.accept(output(3, 1));
    expect(failures[0]).toMatchObject({ code: "reorder-overflow" });
  });

  test("when there are two exits", () => {
    const { sequencer, failures, seqs } = setUp();
    sequencer.accept(exited(1));
    sequencer.accept(exited(2));
    expect(seqs()).toEqual([1]);
    expect(failures[0]).toMatchObject({ code: "protocol" });
  });

  test("when it closes without an exit", () => {
    const { sequencer, failures, seqs } = setUp();
    sequencer.accept(closed(1));
    expect(seqs()).toEqual([]);
    expect(failures[0]).toMatchObject({ code: "protocol" });
  });

  test("when a read returns output past its own end, or at the place of the close", async () => {
    for (const answer of [
      { chunks: [chunk(9, "x")], nextSeq: 3 },
      { chunks: [chunk(2, "x")], nextSeq: 3, exited: true, exitCode: 0, closed: true },
    ]) {
      const { sequencer, failures, clock } = setUp([answer]);
      sequencer.accept(output(3));
      await clock.advance(250);
      await settle();
      expect(failures[0]).toMatchObject({ code: "protocol" });
    }
  });

  test("and nothing is published or failed a second time", async () => {
    const { sequencer, failures, seqs, clock } = setUp();
    for (let seq = 2; seq <= 258; seq += 1) sequencer.accept(output(seq));
    sequencer.accept(output(1));
    await clock.advance(1_000);
    expect(seqs()).toEqual([]);
    expect(failures).toHaveLength(1);
  });
});

describe("while the line is lost", () => {
  const read = (answer: Record<string, unknown>) => received(readResult(answer));

  test("an answer to a read of the time before decides nothing, not even about a later hole", async () => {
    const late = Promise.withResolvers<Record<string, unknown>>();
    const { sequencer, seqs, reads, clock, failures } = setUp([late.promise, { chunks: [chunk(3, "c")], nextSeq: 5 }]);
    sequencer.accept(output(2));
    await clock.advance(250);
    sequencer.suspend();
    sequencer.catchUp(read({ chunks: [chunk(1, "a"), chunk(2, "b")], nextSeq: 3 }), 0);
    sequencer.resume();
    sequencer.accept(output(4));
    await clock.advance(249);
    late.resolve({ nextSeq: 3 });
    await settle();
    await clock.advance(1);
    await settle();
    expect(reads).toEqual([0, 2]);
    expect(failures).toEqual([]);
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  test("a stale answer does not end the reading that began after it", async () => {
    const stale = Promise.withResolvers<Record<string, unknown>>();
    const fresh = Promise.withResolvers<Record<string, unknown>>();
    const { sequencer, seqs, clock, failures } = setUp([stale.promise, fresh.promise]);
    sequencer.accept(output(2));
    await clock.advance(250);
    sequencer.suspend();
    sequencer.catchUp(read({ chunks: [chunk(1, "a")], nextSeq: 3 }), 0);
    sequencer.resume();
    sequencer.accept(output(4));
    await clock.advance(250);
    stale.resolve({ nextSeq: 3 });
    await settle();
    expect(failures).toEqual([]);
    fresh.resolve({ chunks: [chunk(3, "c")], nextSeq: 5 });
    await settle();
    expect(failures).toEqual([]);
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  test("holes wait for the catch-up, however long that takes", async () => {
    const { sequencer, reads, clock, failures } = setUp();
    sequencer.accept(output(2));
    sequencer.suspend();
    sequencer.accept(output(3));
    await clock.advance(60_000);
    expect(reads).toEqual([]);
    expect(failures).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("16 MiB ahead of the catch-up is too much", () => {
    const { sequencer, failures } = setUp();
    sequencer.suspend();
    for (let seq = 2; seq <= 17; seq += 1) sequencer.accept(output(seq, 1_048_576));
    expect(failures).toEqual([]);
    sequencer.accept(output(18, 1));
    expect(failures).toMatchObject([{ name: "ProcessEventsError", code: "reorder-overflow" }]);
  });

  test("what is published meanwhile does not make an older answer wrong", () => {
    const { sequencer, seqs, failures } = setUp();
    sequencer.suspend();
    sequencer.accept(output(1));
    sequencer.accept(output(2));
    sequencer.catchUp(read({ chunks: [chunk(1, "a")], nextSeq: 2 }), 0);
    sequencer.resume();
    expect(failures).toEqual([]);
    expect(seqs()).toEqual([1, 2]);
  });

  test("a process that closed meanwhile takes nothing more", () => {
    const { sequencer, seqs, failures } = setUp();
    sequencer.suspend();
    sequencer.catchUp(read({ nextSeq: 3, exited: true, exitCode: 0, closed: true }), 0);
    sequencer.resume();
    sequencer.suspend();
    sequencer.accept(output(3));
    sequencer.catchUp(read({ nextSeq: 9 }), 2);
    expect(seqs()).toEqual([1, 2]);
    expect(failures).toEqual([]);
  });
});
