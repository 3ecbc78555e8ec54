import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAppServer } from "@holdfast/app-server-client";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { servedAppServer } from "./served.ts";

/** Ignores SIGTERM and the end of its input, starts another one like it, and never says a word. */
const STUBBORN = `trap '' TERM; echo $$ >> PIDS; (trap '' TERM; sh -c 'echo $PPID >> PIDS'; while :; do sleep 1; done) & while :; do sleep 1; done`;

function isAlive(pid: number): boolean {
  try {
    // A zombie is none.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** A host that is starting two MCP servers, each with a process of its own beside it. */
async function hostWithServers() {
  const served = await servedAppServer("ws://127.0.0.1:0");
  const file = join(served.home, "pids");
  const table = (name: string) =>
    `[mcp_servers.${name}]\ncommand = "/bin/sh"\nargs = ["-c", ${JSON.stringify(STUBBORN.replaceAll("PIDS", file))}]\n`;
  await writeFile(file, "");
  await writeFile(join(served.home, "config.toml"), table("one") + table("other"));
  const client = await connectAppServer(served.url, { recovery: false });
  const listing = client.call("mcpServerStatus/list", {}).catch((error: unknown) => error);
  const pids = await until(() => {
    const found = readFileSync(file, "utf8").split("\n").filter(Boolean).map(Number);
    return found.length === 4 ? found : undefined;
  });
  return {
    ...served,
    pids,
    async [Symbol.asyncDispose]() {
      await listing;
      await client.close();
      await served[Symbol.asyncDispose]();
    },
  };
}

describe("MCP servers of a host", () => {
  test.each(["SIGKILL", "SIGTERM"] as const)("are gone after %s, with all that they started", async (signal) => {
    await using host = await hostWithServers();
    expect(host.pids.filter(isAlive)).toHaveLength(4);
    host.cli.child.kill(signal);
    await until(() => host.pids.filter(isAlive).length === 0);
  });
});
