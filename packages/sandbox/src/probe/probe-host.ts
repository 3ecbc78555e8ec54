import { type ExecFileOptions, execFile } from "node:child_process";
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
const MAX_OUTPUT_BYTES = 65_536;

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

function tryRun(file: string, args: readonly string[], signal: AbortSignal | undefined): Promise<TrialRun> {
  const options: ExecFileOptions = {
    env: {},
    cwd: "/",
    timeout: TRIAL_TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
    killSignal: "SIGKILL",
    ...(signal && { signal }),
  };
  return new Promise((resolve) => {
    execFile(file, args, { ...options, encoding: "utf8" }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
      resolve({ exitCode, output: `${stdout}${stderr}` });
    });
  });
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
