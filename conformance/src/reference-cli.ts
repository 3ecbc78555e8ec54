import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Release } from "@holdfast/reference-peer";
import type { MockModel } from "./mock-model.ts";
import { mockModelConfig } from "./mock-model-config.ts";
import { endChild, ownChild } from "./owned.ts";
import { scratchCodexHome } from "./places.ts";

export interface ReferenceCliOptions {
  readonly release: Release;
  /** Told by a variable, unless `environments` or `env` name it. */
  readonly executorUrl: string | undefined;
  readonly model: MockModel;
  /** Folder on the executor. */
  readonly cwd: string;
  /** Default `danger-full-access`. */
  readonly sandbox?: SandboxMode | undefined;
  /** Lines for the top of the configuration file. With `default_permissions` in them no `sandbox` is asked for. */
  readonly config?: string | undefined;
  /** Tables for the configuration file. */
  readonly tables?: string | undefined;
  /** Its `environments.toml`; without it, `executorUrl` is told by a variable. */
  readonly environments?: string | undefined;
  /** Further variables. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number;
}

/** What `--sandbox` of the orchestrator takes. */
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";

export interface ReferenceCliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run `codex exec` of a release to its end: a real orchestrator that works on the executor at `executorUrl`. */
export async function runReferenceCli(options: ReferenceCliOptions): Promise<ReferenceCliResult> {
  await using home = await scratchCodexHome();
  await writeFile(join(home.path, "config.toml"), mockModelConfig(options.model, options.config, options.tables));
  const { environments, executorUrl } = options;
  if (environments !== undefined) await writeFile(join(home.path, "environments.toml"), environments);
  const sandbox = options.sandbox ?? "danger-full-access";
  const asks = options.config?.includes("default_permissions") ? [] : ["--sandbox", sandbox];
  const args = ["exec", "--skip-git-repo-check", ...asks, "-C", options.cwd, "do the work"];
  const child = ownChild(
    spawn(options.release.program, args, {
      cwd: options.cwd,
      env: {
        ...process.env,
        CODEX_HOME: home.path,
        ...(environments === undefined && executorUrl !== undefined ? { CODEX_EXEC_SERVER_URL: executorUrl } : {}),
        ...options.env,
        RUST_LOG: "error",
        NO_PROXY: "127.0.0.1",
      },
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
  const timer = setTimeout(() => void endChild(child), options.timeoutMs ?? 60_000);
  try {
    await once(child, "close");
  } finally {
    clearTimeout(timer);
    await endChild(child);
  }
  return { exitCode: child.exitCode, stdout, stderr };
}
