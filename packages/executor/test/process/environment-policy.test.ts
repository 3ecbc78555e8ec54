import { describe, expect, test } from "vitest";
import { childEnvironment, type EnvironmentPolicy, nameMatcher } from "../../src/process/environment-policy.ts";

const all: EnvironmentPolicy = { inherit: "all", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] };
const base = { PATH: "/bin", Home: "/root", HOME: "/root", API_KEY: "k", my_token: "t", EDITOR: "vi" };

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

  test("never passes the settings of an executor on, whoever put them there", () => {
    const own = { CODEX_EXEC_SERVER_EXIT_ON_STDIN_CLOSE: "1", CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN: "x" };
    expect(childEnvironment(own, own, all)).toEqual({});
    expect(childEnvironment({}, own, undefined)).toEqual({});
  });
});

describe("nameMatcher", () => {
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
  ])("%j against %j is %s", (pattern, name, expected) => {
    expect(nameMatcher(pattern)(name)).toBe(expected);
  });
});
