import { expect, test } from "vitest";
import { EventQueue } from "../../src/threads/event-queue.ts";
import type { RunEvent } from "../../src/threads.ts";

const THREAD = { threadId: "thread", turnId: "turn" };

function delta(text: string, itemId = "one"): RunEvent {
  return { method: "item/agentMessage/delta", params: { ...THREAD, itemId, delta: text }, emittedAtMs: undefined };
}

function diff(text: string): RunEvent {
  return { method: "turn/diff/updated", params: { ...THREAD, diff: text }, emittedAtMs: undefined };
}

function completed(text: string): RunEvent {
  const item = { type: "agentMessage", id: "one", text } as const;
  return { method: "item/completed", params: { ...THREAD, item, completedAtMs: 1 }, emittedAtMs: undefined };
}

function all(queue: EventQueue): readonly RunEvent[] {
  const events: RunEvent[] = [];
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) events.push(event);
  return events;
}

test("deltas that wait are put together as long as nothing lies between", () => {
  const queue = new EventQueue(10_000);
  for (const event of [delta("a"), delta("b"), delta("c", "two"), completed("ab"), delta("d")]) queue.push(event);
  expect(all(queue)).toEqual([delta("ab"), delta("c", "two"), completed("ab"), delta("d")]);
});

test("what was read is not added to", () => {
  const queue = new EventQueue(10_000);
  queue.push(delta("a"));
  expect(queue.shift()).toEqual(delta("a"));
  queue.push(delta("b"));
  expect(all(queue)).toEqual([delta("b")]);
});

test("parts of a summary of reasoning stay apart", () => {
  const queue = new EventQueue(10_000);
  const part = (text: string, summaryIndex: number): RunEvent => ({
    method: "item/reasoning/summaryTextDelta",
    params: { ...THREAD, itemId: "one", summaryIndex, delta: text },
    emittedAtMs: undefined,
  });
  for (const event of [part("a", 0), part("b", 0), part("c", 1)]) queue.push(event);
  expect(all(queue)).toEqual([part("ab", 0), part("c", 1)]);
});

test("of what tells the whole again only the last waits, at its place", () => {
  const queue = new EventQueue(10_000);
  for (const event of [diff("1"), completed("x"), diff("2")]) queue.push(event);
  expect(all(queue)).toEqual([completed("x"), diff("2")]);
  queue.push(diff("3"));
  expect(queue.shift()).toEqual(diff("3"));
  queue.push(diff("4"));
  expect(all(queue)).toEqual([diff("4")]);
});

test("beyond the bound deltas are left out, and what is whole stays", () => {
  const queue = new EventQueue(2_000);
  queue.push(completed("first"));
  for (let n = 0; n < 100; n++) queue.push(delta("x".repeat(100), `item-${n}`));
  queue.push(completed("last"));
  const events = all(queue);
  expect(events.at(0)).toEqual(completed("first"));
  expect(events.at(-1)).toEqual(completed("last"));
  expect(events.length).toBeLessThan(10);
  expect(queue.isOverrun).toBe(false);
});

test("when that is not enough it is empty, and says so for good", () => {
  const queue = new EventQueue(2_000);
  for (let n = 0; n < 10; n++) queue.push(completed("x".repeat(300)));
  expect(queue.isOverrun).toBe(true);
  queue.push(completed("later"));
  expect(all(queue)).toEqual([]);
});

test("a long queue is read to its end in order", () => {
  const queue = new EventQueue(100_000_000);
  for (let n = 0; n < 5_000; n++) queue.push(completed(String(n)));
  expect(all(queue)).toEqual(Array.from({ length: 5_000 }, (_, n) => completed(String(n))));
  queue.push(completed("more"));
  expect(all(queue)).toEqual([completed("more")]);
});

test("a flood that nobody reads leaves nothing behind but what waits", () => {
  const queue = new EventQueue(20_000);
  queue.push(completed("first"));
  for (let n = 0; n < 100_000; n++) {
    queue.push(n % 2 === 0 ? diff(String(n)) : delta("x", `item-${n}`));
  }
  queue.push(completed("last"));
  const events = all(queue);
  expect(events.at(0)).toEqual(completed("first"));
  expect(events.at(-1)).toEqual(completed("last"));
  expect(events.filter(({ method }) => method === "turn/diff/updated")).toEqual([diff("99998")]);
  expect(events.length).toBeLessThan(200);
});
