import type { Executor } from "@holdfast/exec-client";
import { McpServers, mcpServer } from "@holdfast/mcp";
import { EVERYTHING } from "./everything.ts";

const IN_FLIGHT = 50;

/** What 50 callers see, milliseconds. */
interface Refreshed {
  /** From the wish for a call to the set of servers that it is made on. */
  readonly waitMs: readonly number[];
  readonly quietMs: readonly number[];
  readonly busyMs: readonly number[];
  readonly refreshes: number;
}

/** 50 calls in flight on a server that stays, while another one is replaced all the time. */
export async function measureRefresh(executor: Executor, calls: number): Promise<Refreshed> {
  const environments = { has: () => true, executor: async () => executor };
  await using servers = new McpServers({ environments, variables: process.env });
  const kept = mcpServer("kept", { ...EVERYTHING, cwd: "/" });
  const set = (generation: number) => [
    kept,
    mcpServer("replaced", {
      command: "/bin/sh",
      args: ["-c", "while read -r line; do :; done"],
      env: { GENERATION: `${generation}` },
      cwd: "/",
    }),
  ];
  await (await servers.refresh([kept])).started();
  const waitMs: number[] = [];
  const callers = async (count: number): Promise<number[]> => {
    const samples: number[] = [];
    const one = async (): Promise<void> => {
      while (samples.length < count) {
        const begin = performance.now();
        const manager = servers.current;
        waitMs.push(performance.now() - begin);
        await manager.callTool("kept", "echo", { message: "hello" });
        samples.push(performance.now() - begin);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, one));
    return samples;
  };
  const quietMs = await callers(calls);
  waitMs.length = 0;
  let refreshes = 0;
  let isOver = false;
  const replacing = (async () => {
    while (!isOver) {
      await servers.refresh(set(refreshes));
      refreshes += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const busyMs = await callers(calls);
  isOver = true;
  await replacing;
  return { waitMs, quietMs, busyMs, refreshes };
}
