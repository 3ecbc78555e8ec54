import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Release } from "@holdfast/reference-peer";
import { endChild, ownChild } from "../owned.ts";
import { scratchCodexHome } from "../places.ts";

/** How `codex exec --remote` went. */
export interface RemoteExec {
  readonly exitCode: number | null;
  /** What it said with `--json`, line by line. */
  readonly events: readonly ExecEvent[];
  readonly stderr: string;
}

/** One line of `--json`; open, because releases add members. */
export interface ExecEvent {
  readonly type: string;
  readonly thread_id?: string;
  readonly item?: { readonly type: string; readonly [member: string]: unknown };
  readonly usage?: Readonly<Record<string, number>>;
  readonly error?: { readonly message: string };
}

const TIME_LIMIT_MS = 60_000;

/** Run it to its end, with a home of its own. @param args - After its options: the prompt, or `resume ID` and the prompt. */
export async function runRemoteExec(
  { program }: Release,
  { url, cwd, args }: { readonly url: string; readonly cwd: string; readonly args: readonly string[] },
): Promise<RemoteExec> {
  await using home = await scratchCodexHome();
  await writeFile(join(home.path, "config.toml"), "[analytics]\nenabled = false\n");
  const child = ownChild(
    spawn(program, ["exec", "--json", "--skip-git-repo-check", "--remote", url, ...args], {
      cwd,
      env: { ...process.env, CODEX_HOME: home.path, RUST_LOG: "error", NO_PROXY: "127.0.0.1" },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const timer = setTimeout(() => void endChild(child), TIME_LIMIT_MS);
  try {
    await once(child, "close");
  } finally {
    clearTimeout(timer);
    await endChild(child);
  }
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  return { exitCode: child.exitCode, events: lines.map((line) => JSON.parse(line) as ExecEvent), stderr };
}
