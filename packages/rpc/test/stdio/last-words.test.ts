import { PassThrough } from "node:stream";
import { stdioPort } from "@holdfast/rpc/stdio";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { expect, test, vi } from "vitest";

function setUp() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const receiver = new RecordingReceiver();
  const port = stdioPort({ input, output });
  port.open(receiver);
  return { input, output, receiver, port };
}

test("what a far end said before it ended is read, also when the end of its input is seen first", async () => {
  const { input, output, receiver } = setUp();
  output.destroy();
  await new Promise((resolve) => output.once("close", resolve));
  input.end("last words\n");
  expect(await receiver.closedOnce()).toMatchObject({ initiator: "remote" });
  expect(receiver.frames).toEqual(["last words"]);
});

test("a far end that only takes nothing any more is a broken line", async () => {
  const { output, receiver } = setUp();
  output.destroy(new Error("write EPIPE"));
  expect(await receiver.closedOnce()).toMatchObject({ initiator: "fault", reason: "write EPIPE" });
});

test("it is read to its end by an owner that paused for long, and by a process that stood still", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { input, output, receiver, port } = setUp();
    port.pause();
    output.destroy();
    await new Promise((resolve) => output.once("close", resolve));
    await vi.advanceTimersByTimeAsync(60_000);
    port.resume();
    // The timer is late: it fires before the pipe is read.
    vi.advanceTimersByTime(100);
    input.end("last words\n");
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "remote" });
    expect(receiver.frames).toEqual(["last words"]);
  } finally {
    vi.useRealTimers();
  }
});

test("a far end that speaks on but takes nothing any more is a broken line", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { input, output, receiver } = setUp();
    output.destroy(new Error("write EPIPE"));
    await new Promise((resolve) => output.once("close", resolve));
    for (let spoken = 1; spoken <= 7; spoken += 1) {
      input.write("more\n");
      await receiver.framesArrived(spoken);
      vi.advanceTimersByTime(100);
    }
    expect(receiver.closes).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "fault", reason: "write EPIPE" });
  } finally {
    vi.useRealTimers();
  }
});
