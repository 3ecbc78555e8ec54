import { tempDir, until } from "@holdfast/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { McpServerLog, McpServerStatus } from "../../src/index.ts";
import { Places } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";
import { living, notes, type StubMode, serverConfig, stub } from "../support/stub.ts";

/** Start one server, and wait until it is what it becomes. */
async function started(mode: StubMode, environments: Places, startupTimeoutMs = 10_000) {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await tempDir());
  const pids = folder.join("pids");
  const statuses: McpServerStatus[] = [];
  const logs: McpServerLog[] = [];
  const onStatus = (status: McpServerStatus): void => void statuses.push(status);
  const onLog = (log: McpServerLog): void => void logs.push(log);
  const servers = stack.use(mcpServers({ environments, onStatus, onLog }));
  const manager = await servers.refresh([stub(mode, { name: "S", pids, startupTimeoutMs })]);
  const startup = await manager.started();
  return { servers, manager, startup, statuses, logs, pids, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe("a server that", () => {
  let environments: Places;
  beforeAll(async () => {
    environments = new Places();
    await environments.embed();
  });
  afterAll(() => environments[Symbol.asyncDispose]());

  test("exits at once is told of with its exit code and its last words, and so are calls of it", async () => {
    await using at = await started("exits", environments);
    const error =
      "MCP client for `S` failed to start: MCP startup failed: the server ended with exit code 3; its last words: no such database";
    expect(at.startup).toEqual({ ready: [], failed: [{ serverName: "S", error }], cancelled: [] });
    expect(at.statuses).toEqual([
      { serverName: "S", state: "starting" },
      { serverName: "S", state: "failed", error },
    ]);
    expect(at.logs).toEqual([{ serverName: "S", source: "stderr", text: "no such database" }]);
    await expect(at.manager.callTool("S", "pid", {})).rejects.toMatchObject({
      code: "unavailable",
      serverName: "S",
      message: `failed to get client: ${error}`,
    });
    await until(() => at.servers.processCount === 0);
  });

  test("prints what it was given does not get it into errors and logs", async () => {
    const logs: McpServerLog[] = [];
    await using servers = mcpServers({
      environments,
      variables: { PATH: "/usr/bin:/bin", PASSED: "passed-secret" },
      onLog: (log) => logs.push(log),
    });
    const script = 'echo "bad token $TOKEN" >&2; echo "and $PASSED, $SHORT" >&2; exit 1';
    const env = { TOKEN: "given-secret", SHORT: "on" };
    const envVars = [{ name: "PASSED", source: "local" }] as const;
    const manager = await servers.refresh([serverConfig("S", { command: "sh", args: ["-c", script], env, envVars })]);
    const { failed } = await manager.started();
    expect(failed[0]?.error).toBe(
      "MCP client for `S` failed to start: MCP startup failed: the server ended with exit code 1; its last words: bad token [hidden] and [hidden], on",
    );
    expect(logs.map(({ text }) => text)).toEqual(["bad token [hidden]", "and [hidden], on"]);
  });

  test.each(["silent", "garbage"] as const)("is %s has the time of its startup, and is ended then", async (mode) => {
    await using at = await started(mode, environments, 1_500);
    const error =
      "MCP client for `S` timed out after 1 seconds. Add or adjust `startup_timeout_sec` in your config.toml:\n[mcp_servers.S]\nstartup_timeout_sec = XX";
    expect(at.startup.failed).toEqual([{ serverName: "S", error }]);
    await until(() => living(at.pids).length === 0 && at.servers.processCount === 0);
  });

  test("floods its stderr is heard all the same, and what it wrote is bounded", async () => {
    await using at = await started("floods", environments);
    expect(at.startup.ready).toEqual(["S"]);
    expect(await at.manager.callTool("S", "pid", {})).toMatchObject({ content: [{ type: "text" }] });
    await at.servers.shutdown();
    expect(at.logs.every(({ text }) => text.length <= 8_192)).toBe(true);
  });

  test("answers everything twice is taken at its first word", async () => {
    await using at = await started("twice", environments);
    for (let n = 0; n < 3; n += 1) {
      expect(await at.manager.callTool("S", "pid", {})).toMatchObject({ content: [{ type: "text" }] });
    }
    expect(at.manager.server("S").state).toBe("ready");
  });

  test("answers with 100 MiB in one line is given up, and takes no memory for it", async () => {
    await using at = await started("huge", environments);
    const error = "MCP client for `S` failed: the server sent more than 16777216 bytes in one message";
    await expect(at.manager.callTool("S", "pid", {})).rejects.toThrow(`tool call failed for \`S/pid\`: ${error}`);
    expect(at.statuses.at(-1)).toEqual({ serverName: "S", state: "failed", error });
    expect(at.manager.tools()).toEqual([]);
    await until(() => living(at.pids).length === 0 && at.servers.processCount === 0);
  });

  test("answers a call with what is no result fails that call, and goes on", async () => {
    await using at = await started("bursts", environments);
    await expect(at.manager.callTool("S", "pid", {})).rejects.toMatchObject({ code: "failed" });
    expect(at.manager.server("S").state).toBe("ready");
  });

  test("never answers a call has the time of a call, in whole seconds, and is told that it is not waited for", async () => {
    await using at = await started("good", environments);
    const call = at.manager.callTool("S", "hang", {}, { timeoutMs: 1_500 });
    await expect(call).rejects.toMatchObject({
      code: "timeout",
      message: "tool call failed for `S/hang`: timed out awaiting tools/call after 1s",
    });
    await until(() => notes(at.pids).some(({ word }) => word === "cancelled"));
    expect(await at.manager.callTool("S", "pid", {})).toMatchObject({ content: [{ type: "text" }] });
  });

  test("is killed by somebody else is told of, with what it was killed by", async () => {
    await using at = await started("good", environments);
    const [pid = 0] = living(at.pids);
    process.kill(pid, "SIGKILL");
    await until(() => at.manager.server("S").state === "failed");
    expect(at.manager.server("S").error).toBe("MCP client for `S` failed: the server ended with exit code 137");
    await expect(at.manager.callTool("S", "pid", {})).rejects.toMatchObject({ code: "unavailable" });
  });

  test("can't be started is told of with the reason of its executor", async () => {
    await using servers = mcpServers({ environments });
    const manager = await servers.refresh([
      serverConfig("missing", { command: "/no/such/program" }),
      serverConfig("elsewhere", { command: "true" }, { environmentId: "nowhere" }),
    ]);
    const { failed } = await manager.started();
    expect(failed[0]?.error).toMatch(
      /^MCP client for `missing` failed to start: MCP startup failed: .*\/no\/such\/program/,
    );
    expect(failed[1]?.error).toBe(
      "MCP client for `elsewhere` failed to start: MCP startup failed: MCP server `elsewhere` references unknown environment id `nowhere`",
    );
    expect(servers.processCount).toBe(0);
  });

  test("is not there is an error of its own", async () => {
    await using servers = mcpServers({ environments });
    await expect(servers.current.callTool("S", "pid", {})).rejects.toMatchObject({
      code: "unknown-server",
      message: "unknown MCP server 'S'",
    });
  });
});
