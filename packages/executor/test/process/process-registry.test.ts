import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { Child } from "../../src/process/index.ts";
import { ProcessRegistry } from "../../src/process/index.ts";
import { FakeChild } from "./fake-child.ts";
import { newInput } from "./new-input.ts";

const options = (id: string) => ({
  id,
  hasInput: false,
  retention: { maxRetainedBytes: 10, maxRetainedChunks: 10 },
  ...newInput(),
  sink: { output: () => {}, exited: () => {}, closed: () => {} },
});

function setUp() {
  const clock = new FakeClock();
  return { clock, registry: new ProcessRegistry({ delay: clock, closedRetentionMs: 1_000, maxProcesses: 2 }) };
}

describe("the registry of a session's processes", () => {
  test("lets a start that fails late not free the id of its successor", async () => {
    const { registry } = setUp();
    const { promise, reject } = Promise.withResolvers<Child>();
    const failing = registry.start(options("p"), () => promise);
    registry.terminateAll();
    const successor = registry.start(options("p"), () => new FakeChild());
    reject(new Error("late"));
    await expect(failing).rejects.toThrow("late");
    expect(registry.get("p")).toBe(successor);
  });

  test("kills a child that comes after everything was ended", async () => {
    const { registry } = setUp();
    const { promise, resolve } = Promise.withResolvers<Child>();
    const starting = registry.start(options("p"), () => promise);
    registry.terminateAll();
    const child = new FakeChild();
    resolve(child);
    await starting;
    expect(child.kills).toBe(1);
  });

  test("does not keep what it has forgotten", async () => {
    const { registry, clock } = setUp();
    const process = await registry.start(options("p"), () => new FakeChild());
    registry.terminateAll();
    registry.retain(process);
    expect(clock.pendingTimers).toBe(0);
  });

  test("keeps a closed process for its time, and counts it as known", async () => {
    const { registry, clock } = setUp();
    const process = await registry.start(options("p"), () => new FakeChild());
    await registry.start(options("q"), () => new FakeChild());
    registry.retain(process);
    await clock.advance(999);
    expect(registry.get("p")).toBe(process);
    expect(() => registry.start(options("r"), () => new FakeChild())).toThrow(
      "at most 2 processes may be known to one session",
    );
    await clock.advance(1);
    expect(registry.get("p")).toBeUndefined();
    await registry.start(options("r"), () => new FakeChild());
  });
});
