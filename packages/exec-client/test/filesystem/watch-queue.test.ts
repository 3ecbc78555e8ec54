import { expect, test } from "vitest";
import { WatchQueue } from "../../src/filesystem/watch-queue.ts";
import { WATCH_QUEUE_MAX_EVENTS } from "../../src/limits.ts";

const EVENT = { type: "overflow" } as const;
const OVER = { done: true, value: undefined };

function queue() {
  let stops = 0;
  const events = new WatchQueue(async () => {
    stops += 1;
  });
  return { events, stops: () => stops };
}

test("more events than are kept become one that says so", async () => {
  const { events } = queue();
  const change = { type: "created", path: "/a", uri: "file:///a" as never } as const;
  for (let n = 0; n <= WATCH_QUEUE_MAX_EVENTS; n += 1) events.add(change);
  events.add(change);
  expect(await events.next()).toEqual({ done: false, value: EVENT });
  expect(await events.next()).toEqual({ done: false, value: change });
});

test("what is left is read before the end, and the failure is told once", async () => {
  const { events, stops } = queue();
  events.add(EVENT);
  events.fail(new Error("gone"));
  events.add(EVENT);
  expect(await events.next()).toEqual({ done: false, value: EVENT });
  await expect(events.next()).rejects.toThrow("gone");
  await expect(events.ready).rejects.toThrow("gone");
  expect(await events.next()).toEqual(OVER);
  await events.close();
  expect(stops()).toBe(1);
});

test("whoever waits is told of the end, one of them why", async () => {
  const { events } = queue();
  const waiting = [events.next(), events.next()];
  events.fail(new Error("gone"));
  await expect(waiting[0]).rejects.toThrow("gone");
  expect(await waiting[1]).toEqual(OVER);
  const closed = queue();
  closed.events.begin();
  const next = closed.events.next();
  expect(await closed.events.return()).toEqual(OVER);
  expect(await next).toEqual(OVER);
  expect(closed.stops()).toBe(1);
});
