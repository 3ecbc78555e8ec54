import { BinaryFrame, joinPorts } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { expect, test } from "vitest";

/** Two ends, and a joint between them. */
function joined(options = {}) {
  const [left, nearLeft] = memoryLink(options);
  const [nearRight, right] = memoryLink(options);
  const parting = joinPorts(nearLeft, nearRight);
  const receivers = { left: new RecordingReceiver(), right: new RecordingReceiver() };
  left.open(receivers.left);
  right.open(receivers.right);
  return { left, right, nearLeft, nearRight, parting, receivers };
}

test("what one end sends the other receives, in order, both ways", async () => {
  const { left, right, receivers } = joined();
  const frames = Array.from({ length: 1_000 }, (_, index) => `{"n":${index}}`);
  for (const frame of frames) {
    left.send(frame);
    right.send(frame);
  }
  expect(await receivers.right.framesArrived(frames.length)).toEqual(frames);
  expect(await receivers.left.framesArrived(frames.length)).toEqual(frames);
});

test("a binary message stays one", async () => {
  const { left, receivers } = joined();
  left.send(new BinaryFrame([Buffer.from("head"), Buffer.from("bytes")], () => {}));
  left.send("text");
  expect(await receivers.right.framesArrived(2)).toEqual(["headbytes", "text"]);
  expect(receivers.right.binaries).toEqual([new Uint8Array(Buffer.from("headbytes"))]);
});

test("an end that closes closes the other, after what it said, and is told as the cause", async () => {
  const { left, receivers, parting, nearLeft } = joined();
  left.send("last");
  left.close(1000, "done");
  expect(await receivers.right.closedOnce()).toMatchObject({ initiator: "remote" });
  expect(receivers.right.frames).toEqual(["last"]);
  expect(await parting).toMatchObject({ from: nearLeft, close: { initiator: "remote" } });
});

test("an end that does not take what it is sent makes the other wait", async () => {
  const { left, right, receivers } = joined({ highWaterBytes: 1_000 });
  right.pause();
  const frame = "x".repeat(100);
  let sent = 0;
  // The joint has taken as much as it keeps, and so has the port before it.
  while (left.writable && sent < 1_000) {
    left.send(frame);
    sent += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sent).toBeLessThan(1_000);
  right.resume();
  expect((await receivers.right.framesArrived(sent)).length).toBe(sent);
});
