import { describe, expect, test } from "vitest";
import { InputBudget } from "../../src/process/index.ts";
import { InputQueue } from "../../src/process/input-queue.ts";
import { newInput } from "./new-input.ts";

const KIB = 1_024;
const LIMITS = { maxQueuedWrites: 8, maxWaitingWrites: 8, maxQueuedInputBytes: 100, maxHeldInputBytes: 300 };

const BUSY = { busy: "300 bytes may wait (maxHeldInputBytes)" };
const ALL_BUSY = { busy: "102400 bytes may wait for all processes (maxAllHeldInputBytes)" };

/** A queue before a child that takes what it gets when it is told to. */
function queueWith(limits: Parameters<typeof newInput>[0] = LIMITS, budget?: InputBudget) {
  const { input, inputBudget } = newInput({ maxRememberedWriteIds: 100, ...limits }, budget);
  const taken: string[] = [];
  const pending: (() => void)[] = [];
  const write = (data: Buffer, written: () => void) => {
    pending.push(() => {
      taken.push(String(data.length));
      written();
    });
  };
  const queue = new InputQueue(input, inputBudget, { write, end: () => taken.push("end") });
  let writes = 0;
  const push = (bytes: number) => queue.push(String(++writes), Buffer.alloc(bytes));
  return { queue, push, taken, takeOne: () => pending.shift()?.() };
}

describe("the end of an input", () => {
  test("comes after what is queued and what waits, once, and nothing is taken behind it", async () => {
    const { queue, push, takeOne, taken } = queueWith();
    expect(push(60)).toBe("accepted");
    const waiting = push(60);
    queue.end();
    queue.end();
    expect(push(1)).toBe("ended");
    expect(queue.push("1", Buffer.alloc(60)), "known by its id").toBe("accepted");
    takeOne();
    expect(await waiting).toBe("accepted");
    takeOne();
    expect(taken).toEqual(["60", "60", "end"]);
    queue.end();
    expect(taken).toHaveLength(3);
  });

  test("comes at once when nothing is before it", () => {
    const { queue, taken } = queueWith();
    queue.end();
    expect(taken).toEqual(["end"]);
  });

  test("stays what it is when the child stops reading", async () => {
    const { queue, push } = queueWith();
    expect(push(60)).toBe("accepted");
    const waiting = push(60);
    queue.end();
    queue.break();
    expect(await waiting).toBe("broken");
    expect(push(1)).toBe("ended");
  });
});

describe("the bytes of one process", () => {
  test("what finds no room waits for an answer, in order, until the child has taken enough", async () => {
    const { push, takeOne, taken } = queueWith();
    expect(push(60)).toBe("accepted");
    expect(push(40)).toBe("accepted");
    const [third, fourth] = [push(50), push(1)];
    expect(third).toBeInstanceOf(Promise);
    expect(fourth, "behind the one before it, although there is room").toBeInstanceOf(Promise);
    takeOne();
    expect(await third).toBe("accepted");
    expect(await fourth).toBe("accepted");
    for (let index = 0; index < 3; index++) takeOne();
    expect(taken).toEqual(["60", "40", "50", "1"]);
  });

  test("a write that is larger than the room is taken alone", async () => {
    const { push, takeOne } = queueWith();
    expect(push(1_000)).toBe("accepted");
    expect(push(1), "beyond what is held for one process").toEqual(BUSY);
    takeOne();
    expect(push(1)).toBe("accepted");
  });

  test("what waits is bounded in bytes too, and told so at once; nothing of it is lost that was accepted", () => {
    const { push } = queueWith();
    const outcomes = Array.from({ length: 5 }, () => push(80));
    expect(outcomes.map((outcome) => (outcome instanceof Promise ? "waits" : outcome))).toEqual([
      "accepted",
      "waits",
      "waits",
      BUSY,
      BUSY,
    ]);
  });

  test("the end of the child answers what waits and frees all of it", async () => {
    const budget = new InputBudget(64 * KIB);
    const large = { ...LIMITS, maxQueuedInputBytes: 1, maxHeldInputBytes: 256 * KIB };
    const { queue, push, takeOne } = queueWith(large, budget);
    expect(push(64 * KIB)).toBe("accepted");
    const waiting = push(64 * KIB);
    expect(budget.draw(1), "the second one has drawn all").toBe(false);
    queue.break();
    expect(await waiting).toBe("broken");
    takeOne();
    expect(budget.draw(64 * KIB)).toBe(true);
  });
});

describe("the bytes of all processes", () => {
  test("one process can not take the first bytes from another", () => {
    const budget = new InputBudget(100 * KIB);
    const large = { ...LIMITS, maxQueuedInputBytes: 1_024 * KIB, maxHeldInputBytes: 1_024 * KIB };
    const [greedy, other] = [queueWith(large, budget), queueWith(large, budget)];
    expect(greedy.push(160 * KIB)).toBe("accepted");
    expect(greedy.push(10 * KIB)).toEqual(ALL_BUSY);
    expect(other.push(60 * KIB)).toBe("accepted");
    expect(other.push(10 * KIB)).toEqual(ALL_BUSY);
    greedy.takeOne();
    expect(other.push(10 * KIB)).toBe("accepted");
  });

  test("nor does one with a single write that is larger than all of them", () => {
    const budget = new InputBudget(100 * KIB);
    const large = { ...LIMITS, maxQueuedInputBytes: 1_024 * KIB, maxHeldInputBytes: 1_024 * KIB };
    const [greedy, other] = [queueWith(large, budget), queueWith(large, budget)];
    expect(greedy.push(1_024 * KIB)).toBe("accepted");
    expect(other.push(60 * KIB)).toBe("accepted");
    expect(other.push(10 * KIB)).toEqual(ALL_BUSY);
  });
});
