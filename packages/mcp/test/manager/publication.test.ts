import { tempDir, until } from "@holdfast/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { McpManager, McpServerStatus } from "../../src/index.ts";
import { Places } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";
import { living, notes, pidsIn, stub } from "../support/stub.ts";

async function pidOf(manager: McpManager, name: string): Promise<number> {
  const { content } = await manager.callTool(name, "pid", {});
  return Number(content[0]?.type === "text" ? content[0].text : 0);
}

describe("a refresh", () => {
  let environments: Places;
  beforeAll(async () => {
    environments = new Places();
    await environments.embed();
  });
  afterAll(() => environments[Symbol.asyncDispose]());

  async function stage() {
    const stack = new AsyncDisposableStack();
    const folder = stack.use(await tempDir());
    const statuses: McpServerStatus[] = [];
    const onStatus = (status: McpServerStatus): void => void statuses.push(status);
    const servers = stack.use(mcpServers({ environments, onStatus }));
    return { servers, statuses, pids: folder.join("pids"), [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  test("keeps what is the same, starts anew what has changed or failed, and ends what is gone", async () => {
    await using at = await stage();
    const { servers, pids } = at;
    const same = stub("good", { name: "same", pids });
    const first = await servers.refresh([
      same,
      stub("good", { name: "changes", pids }),
      stub("good", { name: "goes", pids }),
      stub("good", { name: "fails", pids }),
    ]);
    await first.started();
    const before = await Promise.all(["same", "changes", "goes", "fails"].map((name) => pidOf(first, name)));
    process.kill(before[3] ?? 0, "SIGKILL");
    await until(() => first.server("fails").state === "failed");
    const second = await servers.refresh([
      structuredClone(same),
      stub("good", { name: "changes", pids, label: "1" }),
      stub("good", { name: "fails", pids }),
      stub("good", { name: "comes", pids }),
    ]);
    const after = await Promise.all(["same", "changes", "fails", "comes"].map((name) => pidOf(second, name)));
    expect(after[0]).toBe(before[0]);
    expect(new Set([...before, ...after]).size).toBe(7);
    await servers.retired();
    expect(living(pids).toSorted()).toEqual(after.toSorted());
    expect(at.statuses.filter(({ serverName }) => serverName === "same").map(({ state }) => state)).toEqual([
      "starting",
      "ready",
    ]);
  });

  test("leaves whoever has the set before with it: servers that are in both answer, others say that they are gone", async () => {
    await using at = await stage();
    const { servers, pids } = at;
    const kept = stub("good", { name: "kept", pids });
    const first = await servers.refresh([kept, stub("good", { name: "goes", pids })]);
    await first.started();
    const hanging = first.callTool("goes", "hang", {});
    hanging.catch(() => {});
    await until(() => notes(pids).some(({ word }) => word === "hanging"));
    const second = await servers.refresh([kept]);
    expect(servers.current).toBe(second);
    expect(second.generation).toBe(first.generation + 1);
    await expect(hanging).rejects.toThrow(
      "tool call failed for `goes/hang`: MCP client for `goes` failed: the server was shut down",
    );
    await expect(first.callTool("goes", "pid", {})).rejects.toMatchObject({ code: "unavailable" });
    expect(await pidOf(first, "kept")).toBe(await pidOf(second, "kept"));
    await expect(second.callTool("goes", "pid", {})).rejects.toMatchObject({ code: "unknown-server" });
  });

  test("waits for no listing that hangs, and gives it up", async () => {
    await using at = await stage();
    const { servers, pids } = at;
    const first = await servers.refresh([stub("listless", { name: "S", pids, startupTimeoutMs: 600_000 })]);
    await until(() => notes(pids).some(({ word }) => word === "listing"));
    const second = await servers.refresh([stub("good", { name: "S", pids })]);
    expect(await first.started()).toEqual({ ready: [], failed: [], cancelled: ["S"] });
    expect(first.server("S").error).toBe("MCP startup cancelled");
    expect((await second.started()).ready).toEqual(["S"]);
    await servers.retired();
    expect(living(pids)).toEqual([await pidOf(second, "S")]);
    expect(at.statuses.map(({ state }) => state)).toEqual(["starting", "cancelled", "starting", "ready"]);
  });

  test("gives way to a newer one: two in a row publish the second", async () => {
    await using at = await stage();
    const { servers, pids } = at;
    const required = { pids, required: true, startupTimeoutMs: 600_000 };
    const first = servers.refresh([stub("silent", { name: "S", ...required })]);
    first.catch(() => {});
    await until(() => pidsIn(pids).length === 1);
    const second = await servers.refresh([stub("good", { name: "S", ...required })]);
    await expect(first).rejects.toMatchObject({ code: "superseded" });
    expect(servers.current).toBe(second);
    expect((await second.started()).ready).toEqual(["S"]);
    await servers.retired();
    expect(living(pids)).toEqual([await pidOf(second, "S")]);
  });

  test("is given up by its signal, with nothing left of it", async () => {
    await using at = await stage();
    const { servers, pids } = at;
    const controller = new AbortController();
    const { signal } = controller;
    const before = servers.current;
    const refreshing = servers.refresh([stub("silent", { pids, required: true, startupTimeoutMs: 600_000 })], {
      signal,
    });
    refreshing.catch(() => {});
    await until(() => pidsIn(pids).length === 1);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(refreshing).rejects.toBe(reason);
    expect(servers.current).toBe(before);
    await servers.retired();
    expect(living(pids)).toEqual([]);
  });

  test("publishes once its required servers are ready, and not before", async () => {
    await using at = await stage();
    const { servers, pids } = at;
    const refreshing = servers.refresh([stub("good", { name: "S", pids, required: true }), stub("silent", { pids })]);
    expect(servers.current.generation).toBe(0);
    const manager = await refreshing;
    expect(manager.server("S").state).toBe("ready");
    expect(manager.server("silent").state).toBe("starting");
  });

  test("of an environment that was registered anew starts its servers there", async () => {
    await using at = await stage();
    const { servers, pids } = at;
    await using places = new Places();
    const own = await places.embed("one");
    const config = stub("good", { name: "S", pids, environmentId: "one" });
    const first = await servers.refresh([config], { environments: places });
    const before = await pidOf(first, "S");
    expect(await pidOf(await servers.refresh([config]), "S")).toBe(before);
    const other = await places.embed("one");
    expect(other).not.toBe(own);
    const after = await pidOf(await servers.refresh([config]), "S");
    await servers.retired();
    expect(living(pids)).toEqual([after]);
    expect(after).not.toBe(before);
    await servers.shutdown();
  });

  test("while 50 calls run disturbs none of them, and new calls see the new set", async () => {
    await using at = await stage();
    const { servers, pids } = at;
    const kept = stub("good", { name: "kept", pids });
    await (await servers.refresh([kept, stub("good", { name: "old", pids })])).started();
    const first = servers.current;
    const running = Array.from({ length: 50 }, () => first.callTool("kept", "pid", {}));
    const refreshing = servers.refresh([kept, stub("good", { name: "new", pids })]);
    await Promise.all(running);
    const second = await refreshing;
    expect(await pidOf(second, "new")).toBeGreaterThan(0);
    await expect(second.callTool("old", "pid", {})).rejects.toMatchObject({ code: "unknown-server" });
  });

  test("of a server that changes its tools again and again lists them once more, and once for what it said meanwhile", async () => {
    await using at = await stage();
    const manager = await at.servers.refresh([stub("changes", { name: "S", pids: at.pids })]);
    await manager.started();
    expect(manager.tools()).toHaveLength(2);
    await manager.callTool("S", "pid", {});
    await until(() => manager.tools().length === 4);
    await manager.callTool("S", "pid", {});
    await until(() => manager.tools().length === 6);
    expect(notes(at.pids).filter(({ word }) => word === "listing")).toHaveLength(5);
  });

  test("takes the last of two servers by one name, and starts no other", async () => {
    await using at = await stage();
    const { servers, pids } = at;
    const manager = await servers.refresh([stub("silent", { name: "S", pids }), stub("good", { name: "S", pids })]);
    expect((await manager.started()).ready).toEqual(["S"]);
    expect(living(pids)).toEqual([await pidOf(manager, "S")]);
    expect(servers.processCount).toBe(1);
  });

  test("ends servers whose environment is no more, though their configuration is the same", async () => {
    await using at = await stage();
    const { servers, pids } = at;
    const config = stub("good", { name: "S", pids });
    await (await servers.refresh([config])).started();
    const { failed } = await (await servers.refresh([config], { environments: new Places() })).started();
    expect(failed[0]?.error).toContain("local stdio MCP server `S` requires a local environment");
    await servers.retired();
    expect(living(pids)).toEqual([]);
  });

  test("starts no server that is not enabled", async () => {
    await using at = await stage();
    const manager = await at.servers.refresh([stub("good", { pids: at.pids, enabled: false })]);
    expect(manager.servers()).toEqual([]);
    expect(at.servers.processCount).toBe(0);
  });
});

describe("a shutdown", () => {
  test("in the middle of a startup ends it, and nothing is started afterwards", async () => {
    await using folder = await tempDir();
    await using environments = new Places();
    await environments.embed();
    const servers = mcpServers({ environments });
    const pids = folder.join("pids");
    const modes = ["good", "daemon", "silent", "stubborn"] as const;
    const manager = await servers.refresh(modes.map((mode) => stub(mode, { pids })));
    const call = manager.callTool("silent", "pid", {});
    const refreshing = servers.refresh([stub("silent", { pids, required: true })]);
    await Promise.all([
      servers.shutdown(),
      expect(call).rejects.toMatchObject({ code: "unavailable" }),
      expect(refreshing).rejects.toMatchObject({ code: "shut-down" }),
    ]);
    expect(living(pids)).toEqual([]);
    expect(servers.processCount).toBe(0);
    await expect(servers.refresh([])).rejects.toMatchObject({
      code: "shut-down",
      message: "the MCP servers were shut down",
    });
    await servers.shutdown();
  });

  test("of an executor that is gone for good settles, with what could not be confirmed", async () => {
    await using folder = await tempDir();
    await using environments = new Places();
    const { child } = await environments.serve("far", { recovery: false });
    const servers = mcpServers({ environments });
    const pids = folder.join("pids");
    const manager = await servers.refresh([stub("good", { pids, environmentId: "far" })]);
    await manager.started();
    child.kill("SIGKILL");
    await until(() => manager.server("good").state === "failed");
    await servers.shutdown();
    await until(() => living(pids).length === 0);
  });
});
