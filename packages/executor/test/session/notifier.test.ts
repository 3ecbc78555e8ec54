import { Base64Bytes } from "@holdfast/exec-server-protocol";
import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { ManagedProcess } from "../../src/process/index.ts";
import { Notifier } from "../../src/session/notifier.ts";

/** A line that is full or not, by hand. */
class FakeLine {
  readonly told: unknown[] = [];
  writable = true;
  #drained = Promise.withResolvers<void>();

  notify(method: string, params: unknown): void {
    this.told.push([method, params]);
  }

  whenWritable(): Promise<void> {
    return this.#drained.promise;
  }

  async drain(): Promise<void> {
    this.writable = true;
    this.#drained.resolve();
    this.#drained = Promise.withResolvers();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const PROCESS = { id: "p" } as ManagedProcess;

function chunk(seq: number) {
  return { seq, stream: "stdout", data: Buffer.from("x") } as const;
}

function notice(seq: number) {
  return ["process/output", { processId: "p", seq, stream: "stdout", chunk: new Base64Bytes(Buffer.from("x")) }];
}

function setUp() {
  const holds: ("held" | "free")[] = [];
  const closed: ManagedProcess[] = [];
  const clock = new FakeClock();
  const notifier = new Notifier({
    holdOutput: (isHeld) => void holds.push(isHeld ? "held" : "free"),
    delay: clock,
    closed: (process) => void closed.push(process),
  });
  return { notifier, holds, closed, clock };
}

describe("the notifier of a session", () => {
  test("tells the line that is attached, and no other", () => {
    const { notifier } = setUp();
    const [older, newer] = [new FakeLine(), new FakeLine()];
    notifier.output(PROCESS, chunk(1));
    notifier.attach(older);
    notifier.output(PROCESS, chunk(2));
    notifier.detach();
    notifier.output(PROCESS, chunk(3));
    notifier.exited(PROCESS, 4, 0, false);
    notifier.attach(newer);
    notifier.output(PROCESS, chunk(5));
    expect(older.told).toEqual([notice(2)]);
    expect(newer.told).toEqual([notice(5)]);
  });

  test("reports a close to its owner whether or not a line is there", () => {
    const { notifier, closed } = setUp();
    notifier.closed(PROCESS, 1);
    notifier.attach(new FakeLine());
    notifier.closed(PROCESS, 2);
    expect(closed).toEqual([PROCESS, PROCESS]);
  });

  test("holds output once while a line is full, and lets it go on when that has drained", async () => {
    const { notifier, holds } = setUp();
    const line = new FakeLine();
    notifier.attach(line);
    line.writable = false;
    notifier.output(PROCESS, chunk(1));
    notifier.output(PROCESS, chunk(2));
    expect(holds).toEqual(["held"]);
    await line.drain();
    expect(holds).toEqual(["held", "free"]);
  });

  test("lets output go on when the full line is gone", () => {
    const { notifier, holds } = setUp();
    const line = new FakeLine();
    notifier.attach(line);
    line.writable = false;
    notifier.output(PROCESS, chunk(1));
    notifier.detach();
    expect(holds).toEqual(["held", "free"]);
  });

  test("lets an older line that drains late not let go what a newer one holds", async () => {
    const { notifier, holds } = setUp();
    const [older, newer] = [new FakeLine(), new FakeLine()];
    for (const line of [older, newer]) {
      notifier.attach(line);
      line.writable = false;
      notifier.output(PROCESS, chunk(1));
    }
    expect(holds).toEqual(["held", "free", "held"]);
    await older.drain();
    expect(notifier.holding).toBe(true);
    await newer.drain();
    expect(holds).toEqual(["held", "free", "held", "free"]);
  });
});
