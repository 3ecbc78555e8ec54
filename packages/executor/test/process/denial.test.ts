import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type Child, type CommandOutcome, ManagedProcess } from "../../src/process/index.ts";
import { FACTS, newInput } from "./new-input.ts";

const NOBODY: Child = {
  pid: 0,
  write: (_, written) => written(),
  pauseOutput: () => {},
  resumeOutput: () => {},
  commandPid: undefined,
  endInput: () => {},
  signal: () => false,
  kill: () => {},
  abandonOutput: () => {},
  handOver: () => ({ kind: "connection", untaken: [0, 0], hasExited: false }),
};

function setUp(isConfined = true) {
  const clock = new FakeClock();
  const told: string[] = [];
  const outcomes: CommandOutcome[] = [];
  const judge = {
    sandboxType: "linuxSeccomp" as const,
    delay: clock,
    wasDenied: (outcome: CommandOutcome) => {
      outcomes.push(outcome);
      return Buffer.concat(outcome.stderr).includes("denied");
    },
  };
  const process = new ManagedProcess({
    id: "p",
    hasInput: false,
    facts: FACTS,
    retention: { maxRetainedBytes: 100, maxRetainedChunks: 100 },
    ...newInput(),
    sink: {
      output: (_, { seq, data }) => told.push(`${seq} output ${data}`),
      exited: (_, seq, exitCode, denied) => told.push(`${seq} exited ${exitCode} ${denied}`),
      closed: (_, seq) => told.push(`${seq} closed`),
    },
  });
  process.adopt(NOBODY, isConfined ? judge : undefined);
  return { clock, told, outcomes, process, events: process.events };
}

describe("the verdict on a confined command", () => {
  test("waits for one more piece of output, and nobody sees the exit before", () => {
    const { told, process, events } = setUp();
    events.exited(1);
    expect(told).toEqual([]);
    expect(process.read(0, undefined)).toMatchObject({ exitCode: undefined, closed: false, sandboxDenied: false });
    expect(process.terminate()).toBe(false);
    events.output("stderr", Buffer.from("denied"));
    expect(told).toEqual(["1 output denied", "2 exited 1 true"]);
    events.ended();
    expect(told.at(-1)).toBe("3 closed");
    expect(process.read(0, undefined)).toMatchObject({ exitCode: 1, closed: true, sandboxDenied: true });
  });

  test("waits no longer than 20 ms, and is not changed by what comes later", async () => {
    const { clock, told, process, events } = setUp();
    events.exited(1);
    await clock.advance(19);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(["1 exited 1 false"]);
    events.output("stderr", Buffer.from("denied"));
    expect((await process.read(0, undefined)).sandboxDenied).toBe(false);
  });

  test("is given at once when no more output can come", async () => {
    const before = setUp();
    before.events.output("stderr", Buffer.from("denied"));
    before.events.ended();
    before.events.exited(1);
    expect(before.told).toEqual(["1 output denied", "2 exited 1 true", "3 closed"]);
    const after = setUp();
    after.events.exited(1);
    after.events.ended();
    expect(after.told).toEqual(["1 exited 1 false", "2 closed"]);
    // The timer that is no longer needed does nothing.
    await after.clock.advance(100);
    expect(after.told).toHaveLength(2);
  });

  test("is not asked for after a success", () => {
    const { told, outcomes, events } = setUp();
    events.output("stderr", Buffer.from("denied"));
    events.exited(0);
    expect(told).toEqual(["1 output denied", "2 exited 0 false"]);
    expect(outcomes).toEqual([]);
  });

  test("is not waited for by a command that nothing confines", () => {
    const { told, events } = setUp(false);
    events.exited(1);
    expect(told).toEqual(["1 exited 1 false"]);
  });

  test("goes by what is still kept, a terminal's output with the standard one", () => {
    const { outcomes, events } = setUp();
    events.output("stdout", Buffer.alloc(90, "a"));
    events.output("pty", Buffer.alloc(60, "b"));
    events.output("stderr", Buffer.alloc(20, "c"));
    events.ended();
    events.exited(3);
    const [outcome] = outcomes;
    expect(outcome?.exitCode).toBe(3);
    expect(Buffer.concat(outcome?.stdout ?? []).toString()).toBe("b".repeat(60));
    expect(Buffer.concat(outcome?.stderr ?? []).toString()).toBe("c".repeat(20));
  });
});
