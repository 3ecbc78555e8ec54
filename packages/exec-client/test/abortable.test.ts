import { expect, test } from "vitest";
import { abortable } from "../src/abortable.ts";

test("a call whose signal was aborted before is given up, and undone when it succeeds all the same", async () => {
  const called = Promise.withResolvers<string>();
  const undone = Promise.withResolvers<void>();
  const given = abortable(called.promise, AbortSignal.abort(), { method: "m", whenLate: undone.resolve });
  await expect(given).rejects.toMatchObject({ name: "AbortError", delivery: "unknown" });
  called.resolve("done");
  await undone.promise;
});
