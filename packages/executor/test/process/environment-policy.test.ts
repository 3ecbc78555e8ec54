import { describe, expect, test } from "vitest";
import * as policies from "../../src/process/environment-policy.ts";
import { type EnvironmentPolicy, matcherOf } from "../../src/process/environment-policy.ts";

const all: EnvironmentPolicy = { inherit: "all", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] };
const base = { PATH: "/bin", Home: "/root", HOME: "/root", API_KEY: "k", my_token: "t", EDITOR: "vi" };

function childEnvironment(
  own: Record<string, string>,
  env: Record<string, string>,
  policy: EnvironmentPolicy | undefined,
  maxPatternSteps = 2_000_000,
) {
  return policies.childEnvironment(own, env, policy, { maxPatternSteps, maxEnvironmentVariables: 2_000 });
}

describe("childEnvironment", () => {
  test("is exactly env without a policy", () => {
    expect(childEnvironment(base, { A: "1" }, undefined)).toEqual({ A: "1" });
  });

  test.each([
    ["all", base],
    ["none", {}],
    ["core", { PATH: "/bin", Home: "/root", HOME: "/root" }],
  ] as const)("inherits %s", (inherit, expected) => {
    expect(childEnvironment(base, {}, { ...all, inherit })).toEqual(expected);
  });

  test("drops secrets by name unless told otherwise", () => {
    const variables = childEnvironment(base, {}, { ...all, ignoreDefaultExcludes: false });
    expect(Object.keys(variables).sort()).toEqual(["EDITOR", "HOME", "Home", "PATH"]);
  });

  test("applies exclude, then set, then includeOnly to both, then env to all", () => {
    const policy = { ...all, exclude: ["h*"], set: { HOME: "/set", X: "1" }, includeOnly: ["HOME", "PATH"] };
    expect(childEnvironment(base, { EDITOR: "env" }, policy)).toEqual({ PATH: "/bin", HOME: "/set", EDITOR: "env" });
  });

  test("has a bound for the number of variables, wherever they come from", () => {
    const many = (first: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`V${first + index}`, ""]));
    const reason = (count: number) => `the environment has ${count} variables, at most 2000 are possible`;
    expect(Object.keys(childEnvironment({}, many(0, 2_000), undefined))).toHaveLength(2_000);
    expect(() => childEnvironment({}, many(0, 2_001), undefined)).toThrow(reason(2_001));
    expect(() => childEnvironment({}, {}, { ...all, set: many(0, 2_001) })).toThrow(reason(2_001));
    expect(() => childEnvironment(many(0, 1_000), many(1_000, 1_001), all)).toThrow(reason(2_001));
    expect(Object.keys(childEnvironment(many(0, 2_000), many(1_000, 1_000), all))).toHaveLength(2_000);
  });

  test("never passes the settings of an executor on, whoever put them there", () => {
    const own = { CODEX_EXEC_SERVER_EXIT_ON_STDIN_CLOSE: "1", CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN: "x" };
    expect(childEnvironment(own, own, all)).toEqual({});
    expect(childEnvironment({}, own, undefined)).toEqual({});
  });

  test("ends soon under the most wicked pattern", () => {
    const set = { ["a".repeat(400)]: "1" };
    expect(childEnvironment({}, {}, { ...all, inherit: "none", set, includeOnly: ["*a*a*a*a*a*a*b"] })).toEqual({});
  });

  test("refuses patterns that take too many comparisons over all variables, whatever they would leave", () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `${"a".repeat(100)}${index}`);
    const set = Object.fromEntries(names.map((name) => [name, ""]));
    const policy = { ...all, inherit: "none", set, includeOnly: Array.from({ length: 100 }, () => "*a*b") } as const;
    expect(() => childEnvironment({}, {}, policy)).toThrow(
      "the patterns of `envPolicy` take more than 2000000 comparisons with the names of the variables",
    );
    expect(() => childEnvironment({ A: "1" }, {}, { ...all, exclude: ["*b"] }, 0)).toThrow(
      "take more than 0 comparisons",
    );
  });
});

describe("matcherOf", () => {
  test.each([
    ["*KEY*", "monkey", true],
    ["a?c", "ABC", true],
    ["a?c", "ac", false],
    ["a.c", "abc", false],
    ["[a]", "a", false],
    ["[a]", "[A]", true],
    ["", "", false],
    ["*", "anything", true],
    ["PATH", "MYPATH", false],
    ["\u00c9?", "\u00e9\u{1f680}", true],
    ["STRASSE", "stra\u00dfe", false],
    ["??", "\u{1f680}", false],
  ])("%j against %j is %s", (pattern, name, expected) => {
    expect(matcherOf([pattern], { left: 1_000 })(name)).toBe(expected);
  });
});
