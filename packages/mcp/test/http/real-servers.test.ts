import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connect } from "@holdfast/exec-client";
import { BadLine, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { HttpOpener, type McpServers, mcpServer } from "../../src/index.ts";
import { freePort } from "../support/free-port.ts";
import { McpWebServer } from "../support/mcp-web-server.ts";
import { PLACEMENTS, placed } from "../support/placed.ts";
import { Places, servedExecutor } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";

const EVERYTHING = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-everything/dist/index.js"));

function serversIn(environments: Places): McpServers {
  return mcpServers({ environments, http: new HttpOpener({ environments, variables: {} }) });
}

/** server-everything of npm, by Streamable HTTP. */
async function everything(): Promise<AsyncDisposable & { readonly url: string }> {
  const port = await freePort();
  const child = spawn(process.execPath, [EVERYTHING, "streamableHttp"], {
    env: { ...process.env, PORT: String(port) },
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}/mcp`;
  await until(() =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  );
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

describe.each(PLACEMENTS)("server-everything by HTTP from %s", (placement) => {
  test("lists, answers, reports progress, and is cancelled", async () => {
    await using server = await everything();
    const { places, environmentId } = await placed(placement);
    await using _places = places;
    await using servers = serversIn(places);
    const manager = await servers.refresh([mcpServer("everything", { url: server.url, environmentId })]);
    expect(await manager.started()).toMatchObject({ ready: ["everything"] });
    const { content } = await manager.callTool("everything", "echo", { message: "held fast" });
    expect(content).toEqual([{ type: "text", text: "Echo: held fast" }]);

    const seen: number[] = [];
    const onProgress = ({ progress }: { readonly progress: number }): void => void seen.push(progress);
    await manager.callTool("everything", "trigger-long-running-operation", { duration: 0.2, steps: 4 }, { onProgress });
    expect(seen).toEqual([1, 2, 3, 4]);

    const stop = new AbortController();
    const long = manager.callTool(
      "everything",
      "trigger-long-running-operation",
      { duration: 60, steps: 600 },
      { signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) },
    );
    await expect(long).rejects.toThrow("enough");
    expect(await manager.callTool("everything", "get-sum", { a: 2, b: 3 })).toMatchObject({
      content: [{ type: "text", text: "The sum of 2 and 3 is 5." }],
    });
  });
});

describe("a line to an executor that is cut", () => {
  test("fails the call of a server by HTTP that waits, and the next one succeeds in the same session", async () => {
    await using mcp = await McpWebServer.open();
    await using executor = await servedExecutor();
    await using line = await BadLine.to(executor.url);
    await using places = new Places();
    places.set("far", await connect(line.url));
    await using servers = serversIn(places);
    const manager = await servers.refresh([mcpServer("web", { url: mcp.url, environmentId: "far" })]);
    await manager.started();
    const [session] = mcp.sessions;
    const call = manager.callTool("web", "never", {});
    call.catch(() => {});
    await until(() => mcp.web.seen.some(({ body }) => body.includes('"never"')));
    line.cut();
    await expect(call).rejects.toThrow(/the (connection|line to the executor) was lost/);
    const { content } = await manager.callTool("web", "echo", { text: "again" });
    expect(content).toEqual([{ type: "text", text: "again" }]);
    expect(mcp.sessions).toEqual([session]);
  });
});
