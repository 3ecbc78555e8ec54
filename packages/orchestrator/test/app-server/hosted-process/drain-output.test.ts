import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { ArrivedOutput } from "../../../src/app-server/hosted-process/arrived-output.ts";
import { type DrainEnd, drainOutput } from "../../../src/app-server/hosted-process/drain-output.ts";
import { ExitMoment } from "../../../src/app-server/hosted-process/exit-moment.ts";
import { DRAIN_READY_CHUNKS } from "../../../src/app-server/hosted-process/limits.ts";

interface Draining {
  readonly clock: FakeClock;
  readonly exit: ExitMoment;
  readonly source: ArrivedOutput;
  readonly write: (text: string) => void;
  readonly text: () => string;
  /** Undefined: it goes on. */
  readonly end: () => DrainEnd | undefined;
  start(): void;
}

function draining({
  quietMs,
  maxMs,
  room = Number.POSITIVE_INFINITY,
}: {
  quietMs?: number;
  maxMs?: number;
  room?: number;
} = {}): Draining {
  const clock = new FakeClock();
  const exit = new ExitMoment(clock);
  const source = new ArrivedOutput();
  let text = "";
  let end: DrainEnd | undefined;
  const add = (chunk: Uint8Array): boolean => {
    text += Buffer.from(chunk).toString();
    return text.length < room;
  };
  return {
    clock,
    exit,
    source,
    write: (piece) => source.push(Buffer.from(piece)),
    text: () => text,
    end: () => end,
    start: () =>
      void drainOutput(source, { add }, { clock, exit, quietMs, maxMs }).then((how) => {
        end = how;
      }),
  };
}

describe("the output of a process that has exited", () => {
  test("counts when it has arrived already, whatever the deadlines are", async () => {
    const { clock, exit, write, start, text, end } = draining({ quietMs: 0, maxMs: 1 });
    write("tail");
    exit.pass();
    start();
    await clock.advance(0);
    expect({ text: text(), end: end() }).toEqual({ text: "tail", end: "quiet" });
  });

  test("counts as long as no pause in it is as long as the quiet window", async () => {
    const { clock, exit, write, start, text, end } = draining({ quietMs: 15, maxMs: 2_000 });
    exit.pass();
    start();
    await clock.advance(10);
    write("a");
    await clock.advance(10);
    write("b");
    await clock.advance(14);
    expect(end()).toBeUndefined();
    await clock.advance(1);
    expect({ text: text(), end: end() }).toEqual({ text: "ab", end: "quiet" });
  });

  test("is not waited for where nothing comes and the stream is left open", async () => {
    const { clock, exit, start, text, end } = draining({ quietMs: 10, maxMs: 20 });
    exit.pass();
    start();
    await clock.advance(9);
    expect(end()).toBeUndefined();
    await clock.advance(1);
    expect({ text: text(), end: end() }).toEqual({ text: "", end: "quiet" });
  });

  test("has a pause of 50 ms and 2 s in all where nobody says otherwise", async () => {
    const { clock, exit, write, start, end } = draining();
    exit.pass();
    start();
    await clock.advance(49);
    expect(end()).toBeUndefined();
    await clock.advance(1);
    expect(end()).toBe("quiet");
    const ticker = draining();
    ticker.exit.pass();
    ticker.start();
    for (let ms = 0; ms < 1_980; ms += 20) {
      await ticker.clock.advance(20);
      ticker.write("t");
    }
    expect(ticker.end()).toBeUndefined();
    await ticker.clock.advance(20);
    expect({ ticks: ticker.text().length, end: ticker.end() }).toEqual({ ticks: 99, end: "overtime" });
    write("late");
  });

  test("is taken up to a bound when its time is over, however much has arrived", async () => {
    const { clock, exit, write, start, text, end } = draining({ quietMs: 10, maxMs: 20 });
    exit.pass();
    await clock.advance(20);
    for (let count = 0; count < 2 * DRAIN_READY_CHUNKS; count += 1) write("x");
    start();
    await clock.advance(0);
    expect({ taken: text().length, end: end() }).toEqual({ taken: DRAIN_READY_CHUNKS, end: "overtime" });
  });

  test("is over when the stream ends", async () => {
    const { clock, exit, source, write, start, text, end } = draining();
    exit.pass();
    start();
    write("rest");
    source.end();
    await clock.advance(0);
    expect({ text: text(), end: end(), timers: clock.pendingTimers }).toEqual({
      text: "rest",
      end: "ended",
      timers: 0,
    });
  });

  test("is over when no more of it is wanted", async () => {
    const { clock, exit, write, start, end } = draining({ room: 3 });
    exit.pass();
    start();
    write("abc");
    await clock.advance(0);
    expect({ end: end(), timers: clock.pendingTimers }).toEqual({ end: "full", timers: 0 });
  });
});

describe("the output of a process that runs", () => {
  test("is waited for without a deadline", async () => {
    const { clock, write, source, start, text, end } = draining();
    start();
    await clock.advance(3_600_000);
    expect({ end: end(), timers: clock.pendingTimers }).toEqual({ end: undefined, timers: 0 });
    write("at last");
    source.end();
    await clock.advance(0);
    expect({ text: text(), end: end() }).toEqual({ text: "at last", end: "ended" });
  });

  test("begins its quiet window at the exit, not before", async () => {
    const { clock, exit, write, start, end } = draining();
    start();
    write("early");
    await clock.advance(10_000);
    exit.pass();
    await clock.advance(49);
    expect(end()).toBeUndefined();
    await clock.advance(1);
    expect(end()).toBe("quiet");
  });
});
