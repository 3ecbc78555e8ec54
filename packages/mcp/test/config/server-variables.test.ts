import { describe, expect, test } from "vitest";
import { mcpServer } from "../../src/config/define-server.ts";
import type { StdioServerConfig } from "../../src/config/server-config.ts";
import { executorServerVariables, localServerVariables } from "../../src/config/server-variables.ts";

const OWN = { HOME: "/home/me", PATH: "/bin", TZ: "UTC", API_KEY: "k", SECRET: "s", LC_CTYPE: "C" };

function stdio(options: Parameters<typeof mcpServer>[1]): StdioServerConfig {
  return mcpServer("S", options).transport as StdioServerConfig;
}

describe("the variables of a server beside the orchestrator", () => {
  test("are a few names, those that are passed on, and those that are set, each over the one before", () => {
    const server = stdio({ command: "a", envVars: ["API_KEY", "UNSET", "TZ"], env: { TZ: "CET", NEW: "n" } });
    expect(localServerVariables("S", server, OWN, "linux")).toEqual({
      envPolicy: null,
      env: { HOME: "/home/me", PATH: "/bin", API_KEY: "k", TZ: "CET", NEW: "n" },
    });
  });

  test("can not be those of an executor", () => {
    const server = stdio({ command: "a", envVars: [{ name: "X", source: "remote" }] });
    expect(() => localServerVariables("S", server, OWN)).toThrow(
      "env_vars entry `X` uses source `remote`, which requires remote MCP stdio in `mcp_servers.S`",
    );
  });

  test("have the names of Windows there, in any case", () => {
    const own = { Path: "C:\\bin", SystemRoot: "C:\\Windows", HOME: "x", api_key: "k" };
    const server = stdio({ command: "a", envVars: ["API_KEY"] });
    expect(localServerVariables("S", server, own, "win32").env).toEqual({
      PATH: "C:\\bin",
      SYSTEMROOT: "C:\\Windows",
      API_KEY: "k",
    });
  });

  test("do not come from objects' own members", () => {
    const server = stdio({ command: "a", envVars: ["constructor", "toString"] });
    expect(localServerVariables("S", server, {}, "linux").env).toEqual({});
  });
});

describe("the variables of a server on an executor", () => {
  test("are the executor's basic ones, without any of the orchestrator's that is not named", () => {
    const server = stdio({ command: "a", envVars: ["API_KEY", "UNSET"], env: { NEW: "n" } });
    expect(executorServerVariables("S", server, OWN, "linux")).toEqual({
      envPolicy: { inherit: "core", ignoreDefaultExcludes: true },
      env: { API_KEY: "k", NEW: "n" },
    });
  });

  test("are read there, and not here, when they are the executor's", () => {
    const server = stdio({ command: "a", envVars: [{ name: "SECRET", source: "remote" }, "API_KEY"] });
    const { env, envPolicy } = executorServerVariables("S", server, OWN, "linux");
    expect(env).toEqual({ API_KEY: "k" });
    expect(envPolicy).toMatchObject({ inherit: "all", ignoreDefaultExcludes: true });
    expect(envPolicy?.includeOnly).toEqual(expect.arrayContaining(["HOME", "PATH", "TZ", "SECRET"]));
    expect(envPolicy?.includeOnly).not.toContain("API_KEY");
  });

  test.each(["*", "AWS_*", "A?"])("let in nothing by a pattern: %s", (name) => {
    const server = stdio({ command: "a", envVars: [{ name, source: "remote" }] });
    expect(() => executorServerVariables("S", server, OWN)).toThrow("must not hold * or ?");
  });

  test.each(["", "A=B", "A\0"])("have names: %j is none", (name) => {
    const server = stdio({ command: "a", envVars: [name] });
    expect(() => executorServerVariables("S", server, OWN)).toThrow("must be a name");
    expect(() => localServerVariables("S", server, OWN)).toThrow("must be a name");
  });
});
