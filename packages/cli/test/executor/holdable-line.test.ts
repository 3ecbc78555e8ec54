import type { FramePort } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { HoldableLine } from "../../src/executor/holdable-line.ts";

/** A line whose ports are replaced, and what came in on all of them. */
function replaceable() {
  const line = new HoldableLine();
  const received: (string | Uint8Array)[] = [];
  const dial = (): FramePort => {
    const [near, far] = memoryLink();
    const port = line.wrap(near);
    port.open({ frame: (frame) => received.push(frame), drained: () => {}, closed: () => {} });
    far.open({ frame: () => {}, drained: () => {}, closed: () => {} });
    return far;
  };
  return { line, dial, received };
}

/** Turns of the event loop in which everything that can be delivered is. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("HoldableLine", () => {
  test("a hold lasts over the port that takes its place, until it is released", async () => {
    const { line, dial, received } = replaceable();
    dial();
    line.use();
    line.hold();
    line.hold();
    const far = dial();
    line.use();
    far.send("a");
    line.release();
    await settle();
    expect(received).toEqual([]);
    line.release();
    await until(() => received.length === 1);
  });

  test("a port that is not in use yet flows: its handshake must be answered", async () => {
    const { line, dial, received } = replaceable();
    dial();
    line.use();
    line.hold();
    dial().send("a");
    await until(() => received.length === 1);
  });

  test("a release between two ports leaves the next one free", async () => {
    const { line, dial, received } = replaceable();
    dial();
    line.use();
    line.hold();
    const far = dial();
    line.release();
    line.use();
    far.send("a");
    await until(() => received.length === 1);
  });

  test("may be held before there is a port", async () => {
    const { line, dial, received } = replaceable();
    line.hold();
    const far = dial();
    line.use();
    far.send("a");
    await settle();
    expect(received).toEqual([]);
    line.release();
    await until(() => received.length === 1);
  });
});
