import { fileURLToPath } from "node:url";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Places } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";
import { living, pidsIn, serverConfig, stub } from "../support/stub.ts";

const EVERYTHING = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-everything/dist/index.js"));

describe.each(["local", "far"])("servers on the executor %s", (environmentId) => {
  async function places(): Promise<Places> {
    const all = new Places();
    await (environmentId === "local" ? all.embed() : all.serve());
    return all;
  }

  test("start, tell their tools, are called, and end with all that they started", async () => {
    await using folder = await tempDir();
    await using environments = await places();
    await using servers = mcpServers({ environments });
    const pids = folder.join("pids");
    const manager = await servers.refresh([
      stub("good", { pids, environmentId }),
      stub("daemon", { pids, environmentId }),
    ]);
    expect(await manager.started()).toEqual({ ready: ["good", "daemon"], failed: [], cancelled: [] });
    expect(manager.tools().map(({ serverName, tool }) => `${serverName}/${tool.name}`)).toEqual([
      "good/pid",
      "good/hang",
      "daemon/pid",
      "daemon/hang",
    ]);
    const { content } = await manager.callTool("good", "pid", {});
    expect(content).toEqual([{ type: "text", text: String(pidsIn(pids)[0]) }]);
    await until(() => living(pids).length === 3);
    await servers.shutdown();
    expect(living(pids)).toEqual([]);
    expect(servers.processCount).toBe(0);
  });

  test("of npm start and answer", async () => {
    await using environments = await places();
    await using servers = mcpServers({ environments });
    const manager = await servers.refresh([
      serverConfig("everything", { command: process.execPath, args: [EVERYTHING, "stdio"] }, { environmentId }),
    ]);
    expect(await manager.started()).toMatchObject({ ready: ["everything"] });
    const { content } = await manager.callTool("everything", "echo", { message: "held fast" });
    expect(content).toEqual([{ type: "text", text: "Echo: held fast" }]);
  });
});
