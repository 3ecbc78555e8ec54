import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, readFile, realpath, stat } from "node:fs/promises";

/** How a trial run ended. */
export interface TrialRun {
  /** Exit code; `undefined` when it was ended by a signal or could not be started. */
  readonly exitCode: number | undefined;
  /** What it wrote to both streams. */
  readonly output: string;
}

/** What a probe asks of a machine. */
export interface ProbeHost {
  readonly platform: string;
  readonly arch: string;
  /** The canonical path and the time of the last change of an executable file; `undefined` for anything else. */
  executable(path: string): Promise<{ readonly path: string; readonly mtimeMs: number } | undefined>;
  run(file: string, args: readonly string[]): Promise<TrialRun>;
  /** Text of a small file; `undefined` where it can not be read. */
  readText(path: string): Promise<string | undefined>;
}

const TRIAL_TIMEOUT_MS = 5_000;
const MAX_OUTPUT_CHARACTERS = 65_536;

/** This machine. What is being tried out ends when `signal` is aborted, and nothing is looked at after that. */
export function realHost(signal: AbortSignal | undefined): ProbeHost {
  return {
    platform: process.platform,
    arch: process.arch,
    executable: async (path) => (signal?.aborted ? undefined : executable(path)),
    run: async (file, args) => (signal?.aborted ? NO_RUN : tryRun(file, args, signal)),
    readText: async (path) => (signal?.aborted ? undefined : readText(path)),
  };
}

const NO_RUN: TrialRun = { exitCode: undefined, output: "" };

async function executable(path: string): ReturnType<ProbeHost["executable"]> {
  try {
    await access(path, constants.X_OK);
    const stats = await stat(path);
    return stats.isFile() ? { path: await realpath(path), mtimeMs: stats.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

/** In a group of its own, which ends whole: a sandbox whose outer part alone is killed while it is set up leaves the inner one waiting for good. */
function tryRun(file: string, args: readonly string[], signal: AbortSignal | undefined): Promise<TrialRun> {
  const late = AbortSignal.timeout(TRIAL_TIMEOUT_MS);
  const given = signal === undefined ? late : AbortSignal.any([signal, late]);
  return new Promise((resolve) => {
    const child = spawn(file, args, { env: {}, cwd: "/", detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const end = (): void => {
      if (child.pid !== undefined) killGroup(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
    };
    let output = "";
    const take = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      if (output.length > MAX_OUTPUT_CHARACTERS) end();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    given.addEventListener("abort", end, { once: true });
    const settle = (exitCode: number | undefined): void => {
      given.removeEventListener("abort", end);
      resolve({ exitCode, output });
    };
    child.once("error", () => settle(undefined));
    child.once("close", (code) => settle(code ?? undefined));
  });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // It has ended.
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
