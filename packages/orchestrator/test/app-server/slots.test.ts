import { expect, test } from "vitest";
import { Slots } from "../../src/app-server/slots.ts";

const NEVER = new AbortController().signal;

test("so many have a slot at a time, the others when one is given back", async () => {
  const slots = new Slots(2);
  const first = await slots.take(NEVER);
  await slots.take(NEVER);
  let has = false;
  const third = slots.take(NEVER).then(() => {
    has = true;
  });
  await new Promise(setImmediate);
  expect(has).toBe(false);
  first[Symbol.dispose]();
  await third;
  expect(has).toBe(true);
});

test("who does not want to wait any more has none, and takes none from others", async () => {
  const slots = new Slots(1);
  const first = await slots.take(NEVER);
  const stop = new AbortController();
  const given = slots.take(stop.signal);
  const waiting = slots.take(NEVER);
  stop.abort(new Error("enough"));
  await expect(given).rejects.toThrow("enough");
  await expect(slots.take(stop.signal)).rejects.toThrow("enough");
  first[Symbol.dispose]();
  await waiting;
});
