import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";

describe("until", () => {
  test("returns the first truthy answer", async () => {
    let asked = 0;
    const answer = await until(() => {
      asked += 1;
      return asked === 3 ? { asked } : undefined;
    });
    expect(answer).toEqual({ asked: 3 });
  });

  test("waits for promised answers, and through throws", async () => {
    let asked = 0;
    const answer = await until(async () => {
      asked += 1;
      if (asked < 3) throw new Error("not yet");
      return "yes";
    });
    expect(answer).toBe("yes");
  });

  test("asks at least once, even without any time", async () => {
    expect(await until(() => 1, { deadlineMs: 0 })).toBe(1);
  });

  test("names the condition and the last answer when time is up", async () => {
    const never = false as boolean;
    await expect(until(() => never, { deadlineMs: 20 })).rejects.toThrow(
      /not within 20 ms: .*never.*last answer: false/,
    );
    await expect(until(() => 0, { deadlineMs: 0, what: "a child" })).rejects.toThrow("a child (last answer: 0)");
    await expect(until(() => "", { deadlineMs: 0, what: () => "made late" })).rejects.toThrow("made late");
  });

  test("keeps what the condition threw last as the cause", async () => {
    const cause = new Error("still nothing");
    const failing = (): never => {
      throw cause;
    };
    await expect(until(failing, { deadlineMs: 10 })).rejects.toMatchObject({
      cause,
      message: expect.stringContaining("last threw: Error: still nothing"),
    });
  });
});
