import { describe, expect, test } from "vitest";
import { type Environment, environmentOf } from "../../src/environment.ts";
import { type StartOptions, toStartParams } from "../../src/process/start-options.ts";
import { LINUX_INFO } from "../support/fake-exec-server.ts";

const environment: Environment = environmentOf(LINUX_INFO as unknown as Parameters<typeof environmentOf>[0]);

function params(options: Partial<StartOptions>) {
  return toStartParams({ argv: ["a"], ...options }, "p", environment);
}

describe("the environment of a process", () => {
  test("is inherited, with env laid over it", () => {
    expect(params({ env: { A: "1", B: undefined } })).toMatchObject({
      env: { A: "1" },
      envPolicy: { inherit: "all", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] },
    });
    expect(params({ env: { B: undefined } }).env).toEqual({});
  });

  test("follows a policy, whose missing members have the defaults", () => {
    expect(params({ envPolicy: { inherit: "core", exclude: ["X_*"] } }).envPolicy).toEqual({
      inherit: "core",
      ignoreDefaultExcludes: true,
      exclude: ["X_*"],
      set: {},
      includeOnly: [],
    });
  });

  test("is env alone when the policy is null", () => {
    const exact = params({ envPolicy: null, env: { PATH: "/bin" } });
    expect(exact.env).toEqual({ PATH: "/bin" });
    expect("envPolicy" in exact).toBe(false);
  });
});

test("cwd is converted by the rules of the executor", () => {
  expect(params({ cwd: "/a b" }).cwd).toBe("file:///a%20b");
  expect(params({ cwd: "file:///x" }).cwd).toBe("file:///x");
  expect(params({ cwd: new URL("file:///y") }).cwd).toBe("file:///y");
  expect(params({}).cwd).toBe("file:///srv/repo");
  expect(() => params({ cwd: "C:\\x" })).toThrow(expect.objectContaining({ argument: "cwd" }));
});

test.each([{ enforceManagedNetwork: false }, { networkProxy: null }, { managedNetwork: null }] as const)(
  "%j is refused beside a sandbox whose network is a list: one would replace the other",
  (second) => {
    const capabilities = { ...environment.capabilities, networkProxyLaunch: true };
    const options = { argv: ["a"], sandbox: { network: { allow: ["registry.example"] } }, ...second };
    const [argument] = Object.keys(second);
    expect(() => toStartParams(options, "p", { ...environment, capabilities })).toThrow(
      expect.objectContaining({ argument }),
    );
    expect(params({ sandbox: { network: true }, ...second })).toMatchObject(second);
  },
);

test("members that are not given are not sent, and given ones pass through", () => {
  expect(Object.keys(params({ sandbox: undefined, metadata: undefined })).sort()).toEqual([
    "arg0",
    "argv",
    "cwd",
    "env",
    "envPolicy",
    "pipeStdin",
    "processId",
    "tty",
  ]);
  expect(params({ metadata: { toolCallId: "t" }, arg0: "b", tty: true })).toMatchObject({
    metadata: { toolCallId: "t" },
    arg0: "b",
    tty: true,
  });
});
