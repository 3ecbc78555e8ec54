import type { InboundFrame } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { expect, test } from "vitest";

test("a memory link gives others a turn between large bursts, and keeps order", async () => {
  const [near, far] = memoryLink();
  const received: InboundFrame[] = [];
  near.open({ frame: (frame) => received.push(frame), drained: () => {}, closed: () => {} });
  far.open({ frame: () => {}, drained: () => {}, closed: () => {} });
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
