import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { createDescentMark, type DescentMark } from "../../src/guardian/descent-mark.ts";
import { serialOf } from "../../src/guardian/marked-process.ts";
import { sweep, youngestFirst } from "../../src/guardian/sweep.ts";
import { isRunning } from "./host-process.ts";

const isLinux = process.platform === "linux";
const OWN_LIMITS = "/proc/self/limits";

function newMark(): DescentMark {
  const mark = createDescentMark();
  if (typeof mark === "string") throw new Error(mark);
  return mark;
}

describe.skipIf(!isLinux)("a descent mark", () => {
  test("goes down through setsid and a lost parent", async () => {
    const mark = newMark();
    const script = `(setsid sh -c 'sleep 0.01; cat ${OWN_LIMITS}' &)`;
    const limits = mark.around(() => execFileSync("sh", ["-c", script], { encoding: "latin1" }), 42);
    expect(serialOf(limits, mark.text)).toBe(42);
  });

  test("is on this process only while children are started", () => {
    const before = readFileSync(OWN_LIMITS, "latin1");
    const mark = newMark();
    for (const serial of [0, 1, 999_999_999]) {
      mark.around(() => expect(serialOf(readFileSync(OWN_LIMITS, "latin1"), mark.text)).toBe(serial), serial);
    }
    expect(() =>
      mark.around(() => {
        throw new Error("no start");
      }),
    ).toThrow("no start");
    expect(readFileSync(OWN_LIMITS, "latin1")).toBe(before);
  });

  test("differs from every other one and has ten digits", () => {
    const texts = Array.from({ length: 100 }, () => newMark().text);
    expect(new Set(texts).size).toBe(100);
    expect(texts.every((text) => /^\d{10}$/.test(text))).toBe(true);
  });

  test("takes nothing away: a child may still set and lift the limit", () => {
    const script =
      "prlimit --pid $$ --rttime=1000000: && prlimit --pid $$ --rttime=unlimited: && tail -1 /proc/self/limits";
    const told = newMark().around(() => execFileSync("sh", ["-c", script], { encoding: "latin1" }));
    expect(told).toMatch(/^Max realtime timeout +unlimited +unlimited +us/);
  });
});

describe.skipIf(!isLinux)("the sweep", () => {
  test("kills what carries the mark and nothing else", async () => {
    const [mark, other] = [newMark(), newMark()];
    const start = () => spawn("sleep", ["600"], { stdio: "ignore", detached: true });
    const marked = [mark.around(start), mark.around(start)];
    const rest = [other.around(start), start()];
    try {
      expect(sweep({ mark: mark.text, ownerSession: 0 })).toBe(true);
      await until(() => marked.every(({ signalCode }) => signalCode === "SIGKILL"));
      expect(rest.every(({ pid = 0 }) => isRunning(pid))).toBe(true);
    } finally {
      for (const child of rest) child.kill("SIGKILL");
    }
  });
});

test("those who were born last come first, also when ids have begun again from the lowest", () => {
  expect(youngestFirst([1, 300, 20, 4_000, 310], 4_000)).toEqual([4_000, 310, 300, 20, 1]);
  expect(youngestFirst([1, 300, 20, 4_000, 310], 305)).toEqual([300, 20, 1, 4_000, 310]);
  expect(youngestFirst([1, 20], Number.POSITIVE_INFINITY)).toEqual([20, 1]);
});

describe("reading /proc", () => {
  test("a mark counts only as the soft limit on real-time scheduling", () => {
    const [mark, digits] = ["6225923733", "6225923733580027844"];
    const line = (name: string, soft: string, hard: string) => `${name.padEnd(25)} ${soft.padEnd(20)} ${hard}  us\n`;
    expect(serialOf(line("Max realtime timeout", digits, "unlimited"), mark)).toBe(580_027_844);
    expect(serialOf(line("Max realtime timeout", "unlimited", digits), mark)).toBeUndefined();
    expect(serialOf(line("Max file size", digits, "unlimited"), mark)).toBeUndefined();
    expect(serialOf(line("Max realtime timeout", `${digits}0`, "unlimited"), mark)).toBeUndefined();
    expect(serialOf(line("Max realtime timeout", digits.slice(1), "unlimited"), mark)).toBeUndefined();
  });
});
