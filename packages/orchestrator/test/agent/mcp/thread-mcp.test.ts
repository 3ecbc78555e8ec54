import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { McpManager } from "@holdfast/mcp";
import { systemClock } from "@holdfast/rpc";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { HostConfig, HostMcp, type McpThread, type ThreadMcp } from "../../../src/agent/index.ts";
import { EnvironmentRegistry } from "../../../src/index.ts";
import { localExecutor } from "../../support/local-executor.ts";

const STUB = fileURLToPath(new URL("../../support/mcp-stub.mjs", import.meta.url));

/** The MCP servers of a host with its own home and this machine as its only environment. */
async function openMcp(config: (pids: string) => string) {
  const stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await tempDir());
  const codexHome = join(folder, "home");
  await mkdir(codexHome);
  const pids = join(folder, "pids");
  await writeFile(pids, "");
  const file = join(codexHome, "config.toml");
  const text = config(pids);
  await writeFile(file, text.includes("grace") ? text : `mcp_optional_startup_grace_ms = 60000\n${text}`);
  const local = stack.use(localExecutor());
  const environments = stack.use(new EnvironmentRegistry({ environments: [local.definition], defaultId: "local" }));
  const host = stack.use(
    new HostMcp({
      config: new HostConfig({ codexHome }),
      environments,
      codexHome,
      variables: process.env,
      version: "1.2.3",
      clock: systemClock,
    }),
  );
  return {
    file,
    open: (thread: Partial<McpThread> = {}) => host.open({ cwd: folder, ...thread, threadId: "t1" }),
    host,
    /** What a stub may wait for. */
    sign: `${pids}.go`,
    pids: () => readFileSync(pids, "utf8").split("\n").filter(Boolean).map(Number),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function stub(name: string, ...args: readonly string[]): string {
  return `[mcp_servers.${name}]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([STUB, ...args])}\n`;
}

/** Those that have started. */
async function servers(mcp: ThreadMcp): Promise<McpManager> {
  const manager = await mcp.ready();
  if (manager === undefined) throw new Error("there is none");
  return manager;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the MCP servers of a thread", () => {
  test("start when they are first wanted, and end with it", async () => {
    await using opened = await openMcp((pids) => stub("my-stub", pids));
    const statuses: string[] = [];
    const mcp = opened.open({ onStatus: ({ name, status }) => statuses.push(`${name} ${status}`) });
    expect(opened.host.of("t1")).toBe(mcp);
    expect(opened.pids()).toEqual([]);
    const manager = await servers(mcp);
    expect(mcp.tools(manager).map(({ namespace, name }) => `${namespace} ${name}`)).toEqual([
      "mcp__my_stub ask",
      "mcp__my_stub say_meta",
      "mcp__my_stub wait",
    ]);
    expect(await mcp.ready()).toBe(manager);
    const said = await manager.callTool("my-stub", "say.meta", {});
    expect(said.content).toMatchObject([{ type: "text", text: expect.stringContaining('"threadId":"t1"') }]);
    expect(statuses).toEqual(["my-stub starting", "my-stub ready"]);
    const [pid = 0] = opened.pids();
    expect(isAlive(pid)).toBe(true);
    const unanswered = expect(manager.callTool("my-stub", "wait", {})).rejects.toThrow("tool call failed");
    await mcp[Symbol.asyncDispose]();
    await unanswered;
    expect(isAlive(pid)).toBe(false);
    expect(opened.host.of("t1")).toBeUndefined();
    await expect(mcp.ready()).rejects.toThrow(/shut down/);
  });

  test("ask its clients, in their words", async () => {
    await using opened = await openMcp((pids) => stub("stub", pids));
    const questions: unknown[] = [];
    const mcp = opened.open({
      ask: async (question) => {
        questions.push(question);
        return { action: "accept", content: { name: "me" }, _meta: null };
      },
    });
    const manager = await servers(mcp);
    const { content } = await manager.callTool("stub", "ask", {});
    expect(questions).toEqual([
      {
        mode: "form",
        serverName: "stub",
        environmentId: null,
        message: "Who are you?",
        requestedSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
        _meta: null,
      },
    ]);
    expect(content).toEqual([{ type: "text", text: '{"action":"accept","content":{"name":"me"}}' }]);
  });

  test("are asked by nobody where the policy says so", async () => {
    await using opened = await openMcp((pids) => stub("stub", pids));
    const ask = () => Promise.reject(new Error("nobody is to be asked"));
    const mcp = opened.open({ ask, policy: () => ({ asks: false }) });
    const { content } = await (await servers(mcp)).callTool("stub", "ask", {});
    expect(content).toEqual([{ type: "text", text: '{"action":"decline"}' }]);
  });

  test("stay over a reload where their configuration does, and go where it goes", async () => {
    await using opened = await openMcp((pids) => stub("stub", pids) + stub("other", pids));
    const mcp = opened.open();
    const before = await mcp.ready();
    const pids = opened.pids();
    await writeFile(opened.file, `${readFileSync(opened.file, "utf8")}enabled = false\n`);
    expect(await mcp.ready()).toBe(before);
    opened.host.reload();
    const after = await servers(mcp);
    expect(after.servers().map(({ name }) => name)).toEqual(["stub"]);
    await until(() => pids.filter(isAlive).length === 1);
    expect(opened.pids()).toEqual(pids);
  });

  test("are of no use without one that is required, and are tried again", async () => {
    await using opened = await openMcp(
      (pids) => `${stub("stub", pids)}\n[mcp_servers.gone]\ncommand = "/nope/nothing"\nrequired = true\n`,
    );
    const mcp = opened.open();
    await expect(mcp.ready()).rejects.toThrow(/required MCP servers failed to initialize: gone/);
    await writeFile(opened.file, readFileSync(opened.file, "utf8").replace("required = true", "required = false"));
    const views = (await servers(mcp)).servers();
    expect(views.map(({ name, state }) => `${name} ${state}`)).toEqual(["stub ready", "gone failed"]);
  });

  test("are those of the configuration that the thread was given", async () => {
    await using opened = await openMcp((pids) => stub("stub", pids));
    const mcp = opened.open({ overrides: { "mcp_servers.stub.enabled": false } });
    expect(await mcp.ready()).toBeUndefined();
    expect((await mcp.configured()).servers.map(({ name, enabled }) => ({ name, enabled }))).toEqual([
      { name: "stub", enabled: false },
    ]);
  });

  test("that are slow hold no turn up for longer than the configuration says", async () => {
    await using opened = await openMcp(
      () =>
        `mcp_optional_startup_grace_ms = 20\n[mcp_servers.slow]\ncommand = "/bin/sleep"\nargs = ["600"]\nstartup_timeout_sec = 600\n`,
    );
    const mcp = opened.open();
    const manager = await servers(mcp);
    expect(manager.servers().map(({ state }) => state)).toEqual(["starting"]);
    expect(mcp.tools(manager)).toEqual([]);
  });

  test("that are ready later have their tools in the same turn", async () => {
    await using opened = await openMcp(
      (pids) => `mcp_optional_startup_grace_ms = 0\n${stub("late", pids, `${pids}.go`)}`,
    );
    const mcp = opened.open();
    const manager = await servers(mcp);
    expect(mcp.tools(manager)).toEqual([]);
    await until(() => opened.pids().length === 1);
    await writeFile(opened.sign, "");
    await manager.started();
    expect(mcp.tools(manager).map(({ name }) => name)).toEqual(["ask", "say_meta", "wait"]);
  });

  test("are none where none is enabled, until a reload finds one", async () => {
    await using opened = await openMcp((pids) => `${stub("stub", pids)}enabled = false\n`);
    const mcp = opened.open();
    expect(await mcp.ready()).toBeUndefined();
    expect(mcp.tools()).toEqual([]);
    await writeFile(opened.file, readFileSync(opened.file, "utf8").replace("enabled = false", "enabled = true"));
    opened.host.reload();
    expect((await servers(mcp)).servers().map(({ state }) => state)).toEqual(["ready"]);
    await writeFile(opened.file, readFileSync(opened.file, "utf8").replace("enabled = true", "enabled = false"));
    opened.host.reload();
    expect((await servers(mcp)).servers()).toEqual([]);
    await until(() => !opened.pids().some(isAlive));
  });

  test("of a refresh that a newer one replaces are those of the newer one, for who waited as well", async () => {
    await using opened = await openMcp((pids) => `${stub("late", pids, `${pids}.go`)}required = true\n`);
    const mcp = opened.open();
    const first = mcp.ready();
    await until(() => opened.pids().length === 1);
    await writeFile(opened.file, stub("other"));
    opened.host.reload();
    const manager = await servers(mcp);
    expect(manager.servers().map(({ name }) => name)).toEqual(["other"]);
    expect(await first).toBe(manager);
  });
});
