import { memoryLink } from "@holdfast/rpc/memory";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { HoldablePort } from "../../src/executor/holdable-port.ts";

function joined() {
  const [near, far] = memoryLink();
  const port = new HoldablePort(near);
  const received: (string | Uint8Array)[] = [];
  port.open({ frame: (frame) => received.push(frame), drained: () => {}, closed: () => {} });
  far.open({ frame: () => {}, drained: () => {}, closed: () => {} });
  return { port, far, received };
}

/** Turns of the event loop in which everything that can be delivered is. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("HoldablePort", () => {
  test("takes nothing while it is held, and everything afterwards", async () => {
    const { port, far, received } = joined();
    port.hold();
    far.send("a");
    await settle();
    expect(received).toEqual([]);
    port.release();
    await until(() => received.length === 1);
  });

  test("flows only when neither its owner nor a holder objects", async () => {
    const { port, far, received } = joined();
    port.pause();
    port.hold();
    port.hold();
    far.send("a");
    port.resume();
    await settle();
    expect(received).toEqual([]);
    port.release();
    await settle();
    expect(received).toEqual([]);
    port.pause();
    port.release();
    await settle();
    expect(received).toEqual([]);
    port.resume();
    await until(() => received.length === 1);
  });

  test("gives others a turn between large bursts, and keeps order", async () => {
    const { far, received } = joined();
    const frames = Array.from({ length: 40 }, (_, index) => String(index).padEnd(64 * 1024, "."));
    for (const frame of frames) far.send(frame);
    let mostAtOnce = 0;
    for (let before = 0; received.length < frames.length; before = received.length) {
      await new Promise((resolve) => setImmediate(resolve));
      mostAtOnce = Math.max(mostAtOnce, received.length - before);
    }
    expect(received).toEqual(frames);
    expect(mostAtOnce).toBeLessThanOrEqual(8);
  });
});
