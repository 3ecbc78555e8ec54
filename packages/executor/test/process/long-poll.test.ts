import { FakeClock } from "@holdfast/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { Child } from "../../src/process/index.ts";
import { LongPolls } from "../../src/process/long-poll.ts";
import { Recording } from "./recording.ts";

const child: Child = {
  pid: 1,
  write: (_, written) => written(),
  pauseOutput() {},
  resumeOutput() {},
  commandPid: 1,
  endInput() {},
  signal: () => false,
  kill() {},
  abandonOutput() {},
  handOver: () => ({ kind: "connection", untaken: [0, 0], hasExited: false }),
};

let clock: FakeClock;
let polls: LongPolls;
let recording: Recording;
beforeEach(() => {
  clock = new FakeClock();
  polls = new LongPolls(clock, 3);
  recording = new Recording(false);
  recording.process.adopt(child);
});

function read(afterSeq: number, waitMs: number) {
  return polls.read(recording.process, { afterSeq, maxBytes: undefined, waitMs });
}

describe("a long poll", () => {
  test("answers at once when there is a chunk after the cursor", () => {
    recording.process.events.output("stdout", Buffer.from("x"));
    expect(read(0, 1_000)).toMatchObject({ nextSeq: 2, closed: false });
  });

  test("answers at once without a wait", () => {
    expect(read(0, 0)).toMatchObject({ chunks: [], nextSeq: 1 });
  });

  test.each([
    ["output", () => recording.process.events.output("stdout", Buffer.from("x")), { nextSeq: 2 }],
    ["the exit", () => recording.process.events.exited(3), { nextSeq: 2, exitCode: 3, closed: false }],
  ])("answers at %s", async (_, happen, expected) => {
    const answer = read(0, 1_000);
    happen();
    expect(await answer).toMatchObject(expected);
    expect(polls.size).toBe(0);
  });

  test("past the exit waits for the close", async () => {
    recording.process.events.exited(0);
    const answer = read(1, 1_000);
    expect(polls.size).toBe(1);
    recording.process.events.ended();
    expect(await answer).toMatchObject({ closed: true, nextSeq: 3 });
  });

  test("answers with what is known when the time is over", async () => {
    const answer = read(0, 1_000);
    await clock.advance(999);
    expect(polls.size).toBe(1);
    await clock.advance(1);
    expect(await answer).toMatchObject({ chunks: [], nextSeq: 1, exitCode: undefined });
  });

  test("takes any wait that the wire can carry", async () => {
    const answer = read(0, 2 ** 53);
    recording.process.events.output("stdout", Buffer.from("x"));
    expect(await answer).toMatchObject({ nextSeq: 2 });
  });

  test("too many answers the oldest right away", async () => {
    const oldest = read(0, 1_000);
    const younger = [read(0, 1_000), read(0, 1_000), read(0, 1_000)];
    expect(await oldest).toMatchObject({ chunks: [] });
    expect(polls.size).toBe(3);
    polls.releaseAll();
    await Promise.all(younger);
  });
});
