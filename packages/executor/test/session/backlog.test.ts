import { describe, expect, test } from "vitest";
import type { ManagedProcess, PauseReason, ProcessSnapshot } from "../../src/process/index.ts";
import { Backlog } from "../../src/session/backlog.ts";

async function turns(count = 5) {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A process that keeps two numbers per read. */
class FakeProcess {
  nextSeq = 10;
  readonly state = { kind: "running" };
  readonly pauses = new Set<PauseReason>();
  pauseOutput(reason: PauseReason): void {
    this.pauses.add(reason);
  }
  resumeOutput(reason: PauseReason): void {
    this.pauses.delete(reason);
  }
  async read(afterSeq: number): Promise<Partial<ProcessSnapshot>> {
    return { chunks: [], nextSeq: Math.min(afterSeq + 3, this.nextSeq) };
  }
}

function setUp({ isKnown = true } = {}) {
  const fake = new FakeProcess();
  const process = fake as unknown as ManagedProcess;
  const line = { isCurrent: true, writable: Promise.resolve() };
  const sent: (readonly [from: number, to: number])[] = [];
  const target = {
    isCurrent: () => line.isCurrent,
    whenWritable: () => line.writable,
    send: (_: ManagedProcess, fromSeq: number, slice: ProcessSnapshot) => void sent.push([fromSeq, slice.nextSeq - 1]),
  };
  const backlog = new Backlog(target, isKnown ? [process] : []);
  return { fake, process, line, sent, backlog };
}

describe("the backlog of a line", () => {
  test("sends what the line was never sent, in order and in steps, while the child waits", async () => {
    const { fake, process, sent, backlog } = setUp();
    backlog.send(process, 5);
    expect([backlog.holds(process), [...fake.pauses]]).toEqual([true, ["backlog"]]);
    await turns();
    expect(sent).toEqual([
      [5, 6],
      [7, 8],
      [9, 9],
    ]);
    expect([backlog.holds(process), fake.pauses.size]).toEqual([false, 0]);
  });

  test("sends what happened meanwhile as well, before new events go their own way", async () => {
    const { fake, process, sent, backlog } = setUp();
    backlog.send(process, 8);
    fake.nextSeq = 12;
    await turns();
    expect(sent.at(-1)).toEqual([10, 11]);
    expect(backlog.holds(process)).toBe(false);
  });

  test("sends nothing twice, however often it is asked for", async () => {
    const { process, sent, backlog } = setUp();
    backlog.send(process, 8);
    await turns();
    const before = sent.length;
    backlog.send(process, 8);
    backlog.send(process, 9);
    await turns();
    expect([sent.length, backlog.holds(process)]).toEqual([before, false]);
  });

  test("sends nothing of a process that the line has seen from the beginning", async () => {
    const { fake, process, sent, backlog } = setUp({ isKnown: false });
    backlog.send(process, 5);
    await turns();
    expect([sent, fake.pauses.size]).toEqual([[], 0]);
  });

  test("begins again further back when that is asked for under way", async () => {
    const { process, sent, backlog } = setUp();
    backlog.send(process, 9);
    backlog.send(process, 3);
    await turns(8);
    expect(sent[0]).toEqual([3, 4]);
    expect(sent.at(-1)).toEqual([9, 9]);
    expect(sent).toHaveLength(4);
  });

  test("waits for a line that is full", async () => {
    const { process, line, sent, backlog } = setUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    line.writable = promise;
    backlog.send(process, 5);
    await turns();
    expect(sent).toEqual([]);
    resolve();
    await turns();
    expect(sent).toHaveLength(3);
  });

  test("withholds new events until they are released, then sends them", async () => {
    const { fake, process, sent, backlog } = setUp();
    backlog.withhold(process);
    fake.nextSeq = 11;
    await turns();
    expect([sent, backlog.holds(process), [...fake.pauses]]).toEqual([[], true, ["backlog"]]);
    backlog.release(process);
    backlog.release(process);
    await turns();
    expect(sent).toEqual([[10, 10]]);
    expect([backlog.holds(process), fake.pauses.size]).toEqual([false, 0]);
  });

  test("waits for the release with what an answer left out, too", async () => {
    const { process, sent, backlog } = setUp();
    backlog.withhold(process);
    backlog.send(process, 7);
    await turns();
    expect(sent).toEqual([]);
    backlog.release(process);
    await turns();
    expect(sent).toEqual([
      [7, 8],
      [9, 9],
    ]);
  });

  test("lets the child go on at once when the line is gone, and not a second time under the next line", async () => {
    const { fake, process, line, sent, backlog } = setUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    line.writable = promise;
    backlog.send(process, 5);
    await turns(1);
    line.isCurrent = false;
    backlog.end();
    expect(fake.pauses.size).toBe(0);
    // The next line makes it wait for the same reason.
    fake.pauseOutput("backlog");
    resolve();
    await turns();
    expect([sent, [...fake.pauses]]).toEqual([[], ["backlog"]]);
  });

  test("forgets a process that is withheld", async () => {
    const { process, sent, backlog } = setUp();
    backlog.withhold(process);
    backlog.forget(process);
    backlog.release(process);
    await turns();
    expect([sent, backlog.holds(process)]).toEqual([[], false]);
  });
});
