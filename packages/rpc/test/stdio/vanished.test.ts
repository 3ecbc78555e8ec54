import { PassThrough, Writable } from "node:stream";
import { stdioPort } from "@holdfast/rpc/stdio";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { turns } from "../peers.ts";

const HEARTBEAT = { intervalMs: 5_000, silenceMs: 15_000 };

function watched(options: { readonly output?: Writable } = {}) {
  const clock = new FakeClock();
  const input = new PassThrough();
  const port = stdioPort({ input, output: options.output ?? new PassThrough(), heartbeat: HEARTBEAT, clock });
  const receiver = new RecordingReceiver();
  port.open(receiver);
  let asked = 0;
  port.askForSigns?.(() => {
    asked += 1;
  });
  return { clock, input, port, receiver, asked: () => asked };
}

test("a far end that is silent behind open pipes is asked, and then it is gone", async () => {
  const { clock, receiver, asked } = watched();
  for (let second = 0; second < 14; second += 1) await clock.advance(1_000);
  expect([asked(), receiver.closes]).toEqual([2, []]);
  for (let second = 0; second < 12; second += 1) await clock.advance(1_000);
  await turns();
  expect(receiver.closes).toEqual([
    { initiator: "fault", reason: "nothing was heard from the peer for 15000 ms", cause: undefined },
  ]);
});

test("any byte is a sign of life, half a line as well", async () => {
  const { clock, input, receiver } = watched();
  for (let second = 0; second < 120; second += 1) {
    if (second % 10 === 0) input.write("x");
    await clock.advance(1_000);
  }
  expect(receiver.closes).toEqual([]);
});

test("silence is not counted while this side does not read", async () => {
  const { clock, port, receiver } = watched();
  port.pause();
  for (let second = 0; second < 120; second += 1) await clock.advance(1_000);
  expect(receiver.closes).toEqual([]);
});

test("one that takes nothing of what it is sent is gone as well", async () => {
  const output = new Writable({ write: () => {} });
  const { clock, port, receiver } = watched({ output });
  port.send("never taken");
  port.send("nor this");
  for (let second = 0; second < 30; second += 1) await clock.advance(1_000);
  await turns();
  expect(receiver.closes).toMatchObject([{ initiator: "fault" }]);
});

test("nobody is asked when the port was not told how", async () => {
  const clock = new FakeClock();
  const port = stdioPort({ input: new PassThrough(), output: new PassThrough(), clock });
  const receiver = new RecordingReceiver();
  port.open(receiver);
  port.askForSigns?.(() => {
    throw new Error("asked");
  });
  await clock.advance(600_000);
  expect(receiver.closes).toEqual([]);
});
