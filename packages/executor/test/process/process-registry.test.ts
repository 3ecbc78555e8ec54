import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type ManagedProcess, ProcessRegistry } from "../../src/process/index.ts";
import { FakeChild } from "./fake-child.ts";
import { FACTS, newInput } from "./new-input.ts";

function options(id: string) {
  return {
    id,
    hasInput: false,
    facts: FACTS,
    retention: { maxRetainedBytes: 10, maxRetainedChunks: 10 },
    ...newInput(),
    sink: { output: () => {}, exited: () => {}, closed: () => {} },
  };
}

function setUp() {
  const clock = new FakeClock();
  return { clock, registry: new ProcessRegistry({ delay: clock, closedRetentionMs: 1_000, maxProcesses: 2 }) };
}

function started(registry: ProcessRegistry, id: string): ManagedProcess {
  const process = registry.reserve(options(id));
  process.adopt(new FakeChild());
  return process;
}

describe("the registry of a session's processes", () => {
  test("lets a start that fails late not free the id of its successor", () => {
    const { registry } = setUp();
    const failing = registry.reserve(options("p"));
    registry.terminateAll();
    const successor = registry.reserve(options("p"));
    registry.abandon(failing);
    expect(registry.get("p")).toBe(successor);
  });

  test("gives the id of a start that failed to another, and lets go of who waited for it", async () => {
    const { registry } = setUp();
    const failing = registry.reserve(options("p"));
    const waiting = failing.whenStarted();
    registry.abandon(failing);
    await waiting;
    expect(registry.get("p")).toBeUndefined();
    expect(registry.reserve(options("p"))).not.toBe(failing);
  });

  test("kills a child that comes after everything was ended", () => {
    const { registry } = setUp();
    const process = registry.reserve(options("p"));
    registry.terminateAll();
    const child = new FakeChild();
    process.adopt(child);
    expect(child.kills).toBe(1);
  });

  test("does not keep what it has forgotten", () => {
    const { registry, clock } = setUp();
    const process = started(registry, "p");
    registry.terminateAll();
    registry.retain(process);
    expect(clock.pendingTimers).toBe(0);
  });

  test("keeps a closed process for its time, and counts it as known", async () => {
    const { registry, clock } = setUp();
    const process = started(registry, "p");
    started(registry, "q");
    registry.retain(process);
    await clock.advance(999);
    expect(registry.get("p")).toBe(process);
    expect(() => registry.reserve(options("r"))).toThrow("at most 2 processes may be known to one session");
    await clock.advance(1);
    expect(registry.get("p")).toBeUndefined();
    started(registry, "r");
  });

  test.each([
    [5_000, 0, 4_096],
    [100, 1_048_576, 64],
  ])(
    "of %i closed connections with %i bytes each it keeps the newest %i, and of processes all",
    (count, bytes, kept) => {
      const clock = new FakeClock();
      const registry = new ProcessRegistry({ delay: clock, closedRetentionMs: 1_000, maxProcesses: 10_000 });
      const retention = { maxRetainedBytes: 1_048_576, maxRetainedChunks: 10 };
      const end = (id: string, isConnection: boolean): void => {
        const process = registry.reserve({ ...options(id), retention, facts: { ...FACTS, isConnection } });
        process.adopt(new FakeChild());
        if (bytes > 0) process.events.output("stdout", Buffer.alloc(bytes));
        registry.retain(process);
      };
      end("p", false);
      for (let index = 0; index < count; index += 1) end(`c${index}`, true);
      const left = registry.all().map(({ id }) => id);
      expect(left).toEqual(["p", ...Array.from({ length: kept }, (_, index) => `c${count - kept + index}`)]);
      expect(clock.pendingTimers).toBe(kept + 1);
      registry.terminateAll();
      end("after", true);
      expect(registry.get("after")).toBeDefined();
    },
  );
});
