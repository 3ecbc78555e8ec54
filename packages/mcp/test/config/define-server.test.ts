import { describe, expect, test } from "vitest";
import { mcpServer } from "../../src/config/define-server.ts";
import { parseMcpServer } from "../../src/config/parse-servers.ts";
import { isSameServer } from "../../src/config/same-server.ts";
import { serverNameProblem } from "../../src/config/server-name.ts";
import { shownServer } from "../../src/config/shown-server.ts";

describe("a server from code", () => {
  test("is the same as one from a file that says the same", () => {
    expect(mcpServer("S", { command: "a", envVars: ["B"] })).toEqual(
      parseMcpServer("S", { command: "a", env_vars: ["B"] }),
    );
    const fromCode = mcpServer("S", {
      url: new URL("https://mcp.example/mcp"),
      environmentId: "far",
      toolTimeoutMs: 60_000,
      toolApprovalModes: { t: "approve" },
    });
    const fromFile = parseMcpServer("S", {
      url: "https://mcp.example/mcp",
      environment_id: "far",
      tool_timeout_sec: 60,
      tools: { t: { approval_mode: "approve" } },
    });
    expect(fromCode).toEqual(fromFile);
    expect(isSameServer(fromCode, fromFile)).toBe(true);
  });

  test.each([
    [{ comand: "a" }, 'unknown option "comand" of mcpServer "S"; did you mean command?'],
    [{}, 'mcpServer "S" needs a command or a url'],
    [{ command: "a", url: "http://h" }, 'unknown option "url" of mcpServer "S"'],
    [{ url: "http://h", args: [] }, 'unknown option "args" of mcpServer "S"'],
    [{ command: "a", args: "b" }, "args must be an array of strings"],
    [{ command: "a", toolTimeoutMs: -1 }, "toolTimeoutMs must be milliseconds from 0 on, not -1"],
    [{ command: "a", toolApprovalModes: { t: "never" } }, "toolApprovalModes.t must be"],
    [5, "must be an object, not 5"],
  ])("refuses %j: %s", (options, message) => {
    expect(() => mcpServer("S", options as never)).toThrow(message);
  });
});

describe("two servers", () => {
  test("are not the same when anything differs that a started one would have to know", () => {
    const one = mcpServer("S", { command: "a", env: { A: "1" } });
    expect(isSameServer(one, mcpServer("S", { command: "a", env: { A: "1" } }))).toBe(true);
    expect(isSameServer(one, mcpServer("S", { command: "a", env: { A: "2" } }))).toBe(false);
    expect(isSameServer(one, mcpServer("S", { command: "a", env: { A: "1" }, toolApprovalModes: { t: "auto" } }))).toBe(
      false,
    );
  });
});

describe("what is shown of a server", () => {
  test("has names of variables and headers, and no value, credential or secret", () => {
    const shown = [
      mcpServer("S", { command: "a", env: { KEY: "hunter2" }, envVars: ["TOKEN"] }),
      mcpServer("H", {
        url: "https://me:hunter2@mcp.example/mcp?key=hunter2",
        httpHeaders: { "x-key": "hunter2" },
        envHttpHeaders: { "x-env": "V" },
        bearerTokenEnvVar: "V",
        oauthClientId: "me",
        oauthClientSecret: "hunter2",
      }),
    ].map(shownServer);
    expect(JSON.stringify(shown)).not.toContain("hunter2");
    expect(shown.map(({ transport }) => transport)).toEqual([
      { kind: "stdio", command: "a", args: [], cwd: undefined, env: ["TOKEN", "KEY"] },
      { kind: "http", url: "https://***@mcp.example/mcp?***", headers: ["x-key", "x-env", "authorization"] },
    ]);
  });
});

describe("the name of a server", () => {
  test.each(["a", "my-srv", "a_b", "a/b:c@d.e"])("may be %s", (name) => {
    expect(serverNameProblem(name)).toBeUndefined();
  });

  test.each(["", "a b", "é", "a\u001b[31m", "a\n"])("may not be %j", (name) => {
    expect(serverNameProblem(name)).toMatch(
      /^Invalid MCP server name '[\x20-\x7e]*': must match pattern \^\[a-zA-Z0-9_:@\/\.-\]\+\$$/,
    );
  });
});
