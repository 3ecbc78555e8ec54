import { isAtLeast, type Release } from "@holdfast/reference-peer";
import { describe, expect, test } from "vitest";
import { expectedFailure } from "../src/expected-failures.ts";
import { type ExecutorUnderTest, executorName, planCells, runCell } from "../src/matrix.ts";
import { parseOptions, UsageError } from "../src/options.ts";
import type { Direction, Scenario } from "../src/scenario.ts";

function release(version: string): Release {
  return { version, program: "/nowhere" };
}
const OLD = release("0.144.6");
const NEW = release("0.169.0");
const EXECUTORS: readonly ExecutorUnderTest[] = [
  { kind: "codex", release: OLD },
  { kind: "codex", release: NEW },
  { kind: "holdfast" },
];

function scenario(direction: Direction, members: Partial<Scenario> = {}): Scenario {
  return {
    direction,
    id: `${direction}.sample`,
    sentence: "",
    requirements: [],
    essential: true,
    run: async () => {},
    ...members,
  } as Scenario;
}

function pairs(sample: Scenario, cross = false): string[] {
  return planCells([sample], { cliReleases: [OLD, NEW], executors: EXECUTORS, cross }).map(
    ({ cli, executor }) => `${cli?.version ?? "-"} ${executorName(executor)}`,
  );
}

describe("planCells", () => {
  test("a CLI meets its own release and ours", () => {
    expect(pairs(scenario("cli"))).toEqual([
      "0.144.6 codex 0.144.6",
      "0.144.6 holdfast",
      "0.169.0 codex 0.169.0",
      "0.169.0 holdfast",
    ]);
  });

  test("with cross it meets every release", () => {
    expect(pairs(scenario("cli"), true)).toHaveLength(6);
  });

  test("what a release does not have is not asked of it", () => {
    expect(pairs(scenario("wire", { since: "0.150.0" }))).toEqual(["- codex 0.169.0", "- holdfast"]);
  });
});

describe("runCell", () => {
  const failing = (id: string, message: string): Scenario =>
    scenario("wire", { id, run: () => Promise.reject(new Error(message)) });
  const on = (sample: Scenario, executor: ExecutorUnderTest) => runCell({ scenario: sample, executor });
  const OLD_EXECUTOR: ExecutorUnderTest = { kind: "codex", release: OLD };

  test("a known weakness that fails in its own words is expected", async () => {
    const result = await on(failing("wire.remove-home", "the home was removed"), OLD_EXECUTOR);
    expect(result.verdict).toBe("expected-fail");
  });

  test("a known weakness that fails in another way is a failure", async () => {
    const result = await on(failing("wire.remove-home", "spawn ENOENT"), OLD_EXECUTOR);
    expect(result).toMatchObject({ verdict: "fail", note: "spawn ENOENT" });
  });

  test("a known weakness that is gone is stale", async () => {
    const result = await on(scenario("wire", { id: "wire.remove-home" }), OLD_EXECUTOR);
    expect(result.verdict).toBe("unexpected-pass");
  });

  test("ours has no excuses", async () => {
    const result = await on(failing("wire.remove-home", "the home was removed"), { kind: "holdfast" });
    expect(result.verdict).toBe("fail");
  });
});

test("an expected failure of one release covers no other", () => {
  expect(expectedFailure("wire.write-order", "codex 0.169.0")).toBeDefined();
  expect(expectedFailure("wire.write-order", "codex 0.1")).toBeUndefined();
  expect(expectedFailure("wire.write-order", "codex 0.144.6")).toBeUndefined();
  expect(expectedFailure("wire.remove-home", "holdfast")).toBeUndefined();
});

test.each([
  ["0.144.6", "0.144.0", true],
  ["0.142.5", "0.144.0", false],
  ["0.169.0", "0.150.0", true],
  ["0.150.0", "0.150.0", true],
  ["1.0.0", "0.169.0", true],
])("release %s is at least %s: %s", (version, floor, expected) => {
  expect(isAtLeast(version, floor)).toBe(expected);
});

describe("options", () => {
  test("the short form leaves the oldest release out unless releases are named", () => {
    expect(parseOptions(["--short"]).releases).toEqual(["0.144.6", "0.171.0"]);
    expect(parseOptions(["--short", "--releases", "0.142.5"]).releases).toEqual(["0.142.5"]);
    expect(parseOptions([]).releases).toEqual(["0.142.5", "0.144.6", "0.169.0", "0.171.0"]);
  });

  test("a soak takes its size and seed, and nothing else does", () => {
    const chosen = { releases: undefined, cuts: 5, processes: undefined, seed: 0 };
    expect(parseOptions(["--soak", "--cuts", "5", "--seed", "0"]).soak).toEqual(chosen);
    expect(parseOptions(["--soak", "--releases", "0.144.6"]).soak?.releases).toEqual(["0.144.6"]);
    expect(parseOptions([]).soak).toBeUndefined();
    expect(() => parseOptions(["--cuts", "5"])).toThrow("--cuts needs --soak");
    expect(() => parseOptions(["--soak", "--processes", "0"])).toThrow("--processes must be a whole number from 1");
    expect(() => parseOptions(["--soak", "--seed", "x"])).toThrow("--seed must be a whole number from 0");
  });

  test("a look at growth takes the executor's time to live, and nothing else does", () => {
    expect(parseOptions(["--growth", "--session-ttl", "5"])).toMatchObject({ growth: true, sessionTtl: 5 });
    expect(() => parseOptions(["--session-ttl", "5"])).toThrow("--session-ttl needs --growth");
  });

  test("an unknown option is a usage error that names it", () => {
    expect(() => parseOptions(["--bogus"])).toThrow(UsageError);
    expect(() => parseOptions(["--bogus"])).toThrow("--bogus");
  });
});
