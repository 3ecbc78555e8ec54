import { LinkError, RemoteError } from "@holdfast/rpc";
import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { HttpBodyError } from "../../src/errors.ts";
import { ExchangeLimit } from "../../src/http/exchange-limit.ts";
import { connected } from "../support/connected.ts";
import { NO_ANSWER } from "../support/fake-exec-server.ts";

const LATE = { name: "TimeoutError", code: "timeout", message: "http/request took more than 500 ms" };
const refused = new RemoteError("http/request", { code: -32603, message: "no end within 500 ms" });
const broken = new HttpBodyError("broken", "no end within 500 ms");

describe("the time of an exchange", () => {
  test("ends a request that is not answered with a TimeoutError, and leaves no timer", async () => {
    await using line = await connected({ "http/request": () => NO_ANSWER });
    const failed = expect(line.executor.fetch("http://origin/", { timeoutMs: 500 })).rejects.toMatchObject(LATE);
    while (line.server.of("http/request").length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    await line.clock.advance(500);
    await failed;
    expect(line.clock.pendingTimers).toBe(0);
  });

  test("aborts its signal, as that of the caller does", async () => {
    const clock = new FakeClock();
    const caller = new AbortController();
    const own = new ExchangeLimit(clock, { timeoutMs: 500, signal: caller.signal });
    const others = new ExchangeLimit(clock, { timeoutMs: 500, signal: caller.signal });
    await clock.advance(499);
    expect(own.signal?.aborted).toBe(false);
    caller.abort();
    expect(others.signal?.aborted).toBe(true);
  });

  test.each([refused, broken])(
    "makes a TimeoutError of what the executor says when it notices first",
    async (error) => {
      const clock = new FakeClock();
      const limit = new ExchangeLimit(clock, { timeoutMs: 500, signal: undefined });
      await clock.advance(497);
      expect(limit.told(error)).toBe(error);
      await clock.advance(1);
      expect(limit.told(error)).toMatchObject(LATE);
    },
  );

  test("leaves a lost connection what it is", async () => {
    const clock = new FakeClock();
    const limit = new ExchangeLimit(clock, { timeoutMs: 500, signal: undefined });
    await clock.advance(499);
    const lost = new LinkError("closed", "gone", { delivery: "unknown" });
    expect(limit.told(lost)).toBe(lost);
  });

  test("gives way to the caller's signal that came first", async () => {
    const clock = new FakeClock();
    const reason = new Error("enough");
    const limit = new ExchangeLimit(clock, { timeoutMs: 500, signal: AbortSignal.abort(reason) });
    await clock.advance(500);
    expect(limit.told(reason)).toMatchObject({ name: "AbortError", cause: reason });
  });
});
