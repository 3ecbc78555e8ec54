import { describe, expect, test } from "vitest";
import { sessionLimits } from "../../src/serve/session-limits.ts";

describe("--session-ttl", () => {
  test("leaves the defaults alone when absent", () => {
    expect(sessionLimits(undefined)).toEqual({});
  });

  test.each([
    ["0", 0, 120_000],
    ["5", 5_000, 120_000],
    ["120", 120_000, 120_000],
    ["3600", 3_600_000, 3_600_000],
    ["2147483", 2_147_483_000, 2_147_483_000],
  ])("takes %s seconds, and keeps finished processes at least as long", (text, detachedSessionTtlMs, retention) => {
    expect(sessionLimits(text)).toEqual({ detachedSessionTtlMs, closedRetentionMs: retention });
  });

  test.each(["", "-1", "1.5", "1e3", "0x10", " 5", "5s", "2147484", "9".repeat(400)])("refuses '%s'", (text) => {
    expect(() => sessionLimits(text)).toThrow(
      /^--session-ttl must be a whole number of seconds from 0 to 2147483, not/,
    );
  });
});
