import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { connect } from "@holdfast/exec-client";
import { BadLine, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { ElicitationRequest, McpProgress, McpServersOptions } from "../../src/index.ts";
import { Places, servedExecutor } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";
import { serverConfig } from "../support/stub.ts";

function npmServer(name: "everything" | "filesystem", environmentId: string, args: readonly string[] = []) {
  const path = fileURLToPath(import.meta.resolve(`@modelcontextprotocol/server-${name}/dist/index.js`));
  return serverConfig(name, { command: process.execPath, args: [path, ...args] }, { environmentId });
}

describe.each(["local", "far"])("servers of npm on the executor %s", (environmentId) => {
  async function started(options: Partial<McpServersOptions> = {}, args: readonly string[] = []) {
    const stack = new AsyncDisposableStack();
    const environments = stack.use(new Places());
    await (environmentId === "local" ? environments.embed() : environments.serve());
    const servers = stack.use(mcpServers({ environments, ...options }));
    const manager = await servers.refresh([
      npmServer("everything", environmentId),
      ...(args.length > 0 ? [npmServer("filesystem", environmentId, args)] : []),
    ]);
    await manager.started();
    return { servers, manager, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  test("tell their tools and resources, and answer", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("a file"), "held fast");
    await using at = await started({}, [folder.path]);
    const { manager } = at;
    expect(manager.servers().map(({ state, error }) => [state, error])).toEqual([
      ["ready", undefined],
      ["ready", undefined],
    ]);
    const read = { path: folder.join("a file") };
    const { content } = await manager.callTool("filesystem", "read_text_file", read);
    expect(content).toEqual([{ type: "text", text: "held fast" }]);
    const outside = await manager.callTool("filesystem", "read_text_file", { path: "/etc/passwd" });
    expect(outside.isError).toBe(true);
    expect((await manager.callTool("everything", "get-sum", { a: 2, b: 3 })).content[0]).toMatchObject({
      type: "text",
    });
    const resources = await manager.listResources("everything");
    expect(resources.length).toBeGreaterThan(3);
    const [first] = resources;
    expect((await manager.readResource("everything", first?.uri ?? "")).contents).toHaveLength(1);
    expect((await manager.listResourceTemplates("everything")).length).toBeGreaterThan(0);
    await expect(manager.readResource("everything", "demo://no/such")).rejects.toThrow(
      "resources/read failed for `everything` (demo://no/such): ",
    );
    await expect(manager.callTool("everything", "no such tool", {})).resolves.toMatchObject({ isError: true });
  });

  test("tell of their progress in a long call, which can be given up", async () => {
    await using at = await started();
    const tool = "trigger-long-running-operation";
    const seen: McpProgress[] = [];
    const onProgress = (progress: McpProgress): void => void seen.push(progress);
    const short = { duration: 0.3, steps: 3 };
    const { content } = await at.manager.callTool("everything", tool, short, { onProgress });
    expect(content[0]).toMatchObject({ text: expect.stringContaining("completed") });
    expect(seen).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3 })));
    const controller = new AbortController();
    const reason = new Error("enough");
    const long = { duration: 600, steps: 60_000 };
    const aborting = (): void => {
      if (seen.length > 6) controller.abort(reason);
      seen.push({ progress: 0 });
    };
    const options = { onProgress: aborting, signal: controller.signal };
    await expect(at.manager.callTool("everything", tool, long, options)).rejects.toBe(reason);
    expect((await at.manager.callTool("everything", "echo", { message: "on" })).content).toEqual([
      { type: "text", text: "Echo: on" },
    ]);
  });

  test("ask the user, and get what was answered", async () => {
    const asked: ElicitationRequest[] = [];
    const ask = async (request: ElicitationRequest) => {
      asked.push(request);
      return { action: "accept", content: { name: "Ada", check: true, integer: 3, number: 1.5 } } as const;
    };
    await using at = await started({ elicitation: { ask } });
    const { content } = await at.manager.callTool("everything", "trigger-elicitation-request", {});
    expect(JSON.stringify(content)).toContain("Ada");
    expect(asked).toMatchObject([{ serverName: "everything", mode: "form", id: expect.stringMatching(/^\d+:\d+$/) }]);
    at.servers.deniesElicitations = true;
    const declined = await at.manager.callTool("everything", "trigger-elicitation-request", {});
    expect(JSON.stringify(declined.content)).toMatch(/declined/i);
    expect(asked).toHaveLength(1);
  });
});

test("a line that is cut during a call is a pause of that call", async () => {
  await using far = await servedExecutor();
  await using line = await BadLine.to(far.url);
  await using environments = new Places();
  environments.set("far", await connect(line.url));
  await using servers = mcpServers({ environments });
  const manager = await servers.refresh([npmServer("everything", "far")]);
  await manager.started();
  let seen = 0;
  const onProgress = (): void => {
    seen += 1;
  };
  const call = manager.callTool(
    "everything",
    "trigger-long-running-operation",
    { duration: 1.5, steps: 15 },
    { onProgress },
  );
  await until(() => seen > 2);
  line.cut();
  expect((await call).content[0]).toMatchObject({ text: expect.stringContaining("completed") });
  expect(seen).toBe(15);
  expect(line.connectionCount).toBeGreaterThan(1);
});
