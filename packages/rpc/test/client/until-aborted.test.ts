import { describe, expect, test } from "vitest";
import { untilAborted } from "../../src/client/index.ts";

describe("what is waited for until a signal is aborted", () => {
  test("is the result, or the failure, without a signal and with one that stays", async () => {
    const { signal } = new AbortController();
    await expect(untilAborted(Promise.resolve(3), undefined)).resolves.toBe(3);
    await expect(untilAborted(Promise.resolve(3), signal)).resolves.toBe(3);
    await expect(untilAborted(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
  });

  test("is given up with the reason of the signal, and fails unheard from then on", async () => {
    const stop = new AbortController();
    const work = Promise.withResolvers<void>();
    const waited = untilAborted(work.promise, stop.signal);
    stop.abort(new Error("enough"));
    await expect(waited).rejects.toThrow("enough");
    await expect(untilAborted(work.promise, stop.signal)).rejects.toThrow("enough");
    work.reject(new Error("late"));
    // An unhandled rejection would end this run.
    await new Promise((resolve) => setImmediate(resolve));
  });
});
