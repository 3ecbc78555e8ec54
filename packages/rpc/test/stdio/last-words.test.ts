import { PassThrough } from "node:stream";
import { stdioPort } from "@holdfast/rpc/stdio";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { expect, test } from "vitest";

const setUp = () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const receiver = new RecordingReceiver();
  const port = stdioPort({ input, output });
  port.open(receiver);
  return { input, output, receiver };
};

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
