import { PassThrough } from "node:stream";
import { stdioPort } from "@holdfast/rpc/stdio";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { describe, expect, test } from "vitest";
import { turns } from "../peers.ts";

function greeted() {
  const input = new PassThrough();
  const port = stdioPort({ input, output: new PassThrough(), skipsBanner: true });
  const receiver = new RecordingReceiver();
  port.open(receiver);
  return { input, receiver };
}

describe("what a far end prints before it speaks", () => {
  test("is passed over up to the first line that begins with a brace, and nothing after that", async () => {
    const { input, receiver } = greeted();
    input.write('Welcome!\n\n   * news *\n[1]\n  {"a":1}\nno frame\n{}\n');
    expect(await receiver.framesArrived(3)).toEqual(['  {"a":1}', "no frame", "{}"]);
  });

  test("ends the port when it does not end, and the error shows some of it", async () => {
    const { input, receiver } = greeted();
    for (let line = 0; line < 1_000; line += 1) input.write(`${"x".repeat(99)}\n`);
    const { initiator, reason } = await receiver.closedOnce();
    expect(initiator).toBe("fault");
    expect(reason).toMatch(/^the far end does not speak the protocol, it prints: x+/);
    expect(reason.length).toBeLessThan(1_200);
    await turns();
    expect(receiver.frames).toEqual([]);
  });

  test("is told when the far end ends after it, with nothing in it that steers a terminal", async () => {
    const { input, receiver } = greeted();
    input.end("no such \u001b[31mcontainer\n");
    expect(await receiver.closedOnce()).toMatchObject({
      initiator: "remote",
      reason: "peer closed its end of the pipe after it printed: no such container",
    });
  });
});
