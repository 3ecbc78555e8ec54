import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { Places } from "../../src/filesystem/places.ts";

const PATIENT = { signal: undefined, timeoutMs: undefined };

function onePlace(lost?: Promise<unknown>): Places {
  return new Places({ clock: new FakeClock(), max: 1, method: "fs/open", waitsFor: "the one place", lost });
}

test("who comes with a signal that has aborted is told so, and waits for nobody", async () => {
  const places = onePlace();
  const giveBack = await places.take(PATIENT);
  const aborted = places.take({ ...PATIENT, signal: AbortSignal.abort("enough") });
  await expect(aborted).rejects.toMatchObject({ name: "AbortError", delivery: "not-sent", cause: "enough" });
  giveBack?.();
  expect(await places.take(PATIENT)).toBeTypeOf("function");
});

test("who comes after the connection was lost is told that there are no places, and waits for nobody", async () => {
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  const places = onePlace(lost);
  await places.take(PATIENT);
  const waiting = places.take(PATIENT);
  resolve();
  expect(await waiting).toBeUndefined();
  expect(await places.take(PATIENT)).toBeUndefined();
});

test("a place that is given back twice is free once", async () => {
  const places = onePlace();
  const giveBack = await places.take(PATIENT);
  giveBack?.();
  giveBack?.();
  await places.take(PATIENT);
  const controller = new AbortController();
  const waiting = places.take({ ...PATIENT, signal: controller.signal });
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
});
