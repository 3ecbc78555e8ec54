import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AppServer } from "@holdfast/app-server-client";
import { until } from "@holdfast/testkit";
import { UNCONFINED } from "./transports.ts";

/**
 * Start a command with a grandchild, one on a terminal, and a process, all of which would go on for good.
 *
 * @param name - Of the files in `folder` that they write their ids to.
 * @returns the ids of all of them.
 */
export async function startCommands(codex: AppServer, folder: string, name: string): Promise<readonly number[]> {
  const file = (part: string): string => join(folder, `${name}-${part}`);
  const forever = { disableTimeout: true, ...UNCONFINED };
  const tells = (part: string): string => `echo $$ > ${file(part)}`;
  const grandchild = `${tells("parent")}; sh -c '${tells("grandchild")}; sleep 1000; true'; true`;
  for (const call of [
    codex.command.exec({ command: ["sh", "-c", grandchild], processId: `${name}-a`, ...forever }),
    codex.command.exec({
      command: ["sh", "-c", `${tells("tty")}; sleep 1000; true`],
      processId: `${name}-b`,
      tty: true,
      ...forever,
    }),
  ]) {
    // They end with the connection, which is what is looked at.
    call.catch(() => {});
  }
  const spawned = ["sh", "-c", `${tells("spawned")}; sleep 1000; true`];
  await codex.process.spawn({ command: spawned, processHandle: `${name}-c`, cwd: folder, timeoutMs: null });
  const parts = ["parent", "grandchild", "tty", "spawned"];
  const pids = await Promise.all(
    parts.map((part) =>
      until(async () => Number(await readFile(file(part), "utf8").catch(() => "")) || undefined, {
        deadlineMs: 20_000,
      }),
    ),
  );
  return pids.map(Number);
}
