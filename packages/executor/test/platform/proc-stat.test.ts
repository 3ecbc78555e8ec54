import { describe, expect, test } from "vitest";
import { parseProcStat, procStatOf } from "../../src/platform/proc-stat.ts";

/** Fields 4 to 21, between the state and the time of the start. */
function fields(group: number, session: number): string {
  return `1 ${group} ${session} 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0`;
}

describe("what the system tells of a process", () => {
  test("is not shifted by a name with parentheses and spaces", () => {
    expect(parseProcStat(`17 (a) Z 1 (b) S ${fields(23, 42)} 123456 0\n`)).toEqual({
      isDead: false,
      group: 23,
      session: 42,
      startTime: "123456",
    });
  });

  test.each(["Z", "X"])("tells a dead one that nobody collected apart: %s", (state) => {
    expect(parseProcStat(`17 (sh) ${state} ${fields(17, 17)} 1 0`).isDead).toBe(true);
  });

  test("may lack what comes late", () => {
    expect(parseProcStat("17 (sh) S 1 17 17 0 -1 4228364").startTime).toBeUndefined();
  });

  test.skipIf(process.platform !== "linux")("is that of a living one, and nothing of one that is gone", () => {
    expect(procStatOf(process.pid)).toEqual(procStatOf("self"));
    expect(procStatOf(process.pid)).toMatchObject({ isDead: false, startTime: expect.stringMatching(/^\d+$/) });
    expect(procStatOf(2 ** 30)).toBeUndefined();
  });
});
