import { type SpawnOptions, spawn } from "node:child_process";
import { systemClock } from "@holdfast/rpc";

/** A tool that does not answer is given up. */
const PATIENCE_MS = 60_000;
/** More than that of what a tool prints is dropped. */
const MAX_CHARACTERS = 1_048_576;

/** How a tool ended. */
export interface ToolResult {
  /** 127 where there is no such tool; 128 and the signal's number are not told apart from other codes. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const NOT_THERE = 127;
const FAILED = 1;

/** Run a tool of this machine to its end, and collect what it prints. */
export function runTool(words: readonly string[], env: NodeJS.ProcessEnv): Promise<ToolResult> {
  return run(words, { env, stdio: ["ignore", "pipe", "pipe"] });
}

/** Run a tool that has this program's own output, until it ends by itself. */
export async function showTool(words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return (await run(words, { env, stdio: ["ignore", "inherit", "inherit"] }, Number.POSITIVE_INFINITY)).code;
}

function run(
  [program = "", ...args]: readonly string[],
  options: SpawnOptions,
  patienceMs: number = PATIENCE_MS,
): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, options);
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
        if (texts[name].length < MAX_CHARACTERS) texts[name] += chunk;
      });
    }
    const timer = systemClock.after(patienceMs, () => child.kill("SIGKILL"));
    child.once("error", (error: NodeJS.ErrnoException) => {
      timer.cancel();
      resolve({ code: error.code === "ENOENT" ? NOT_THERE : FAILED, stdout: "", stderr: error.message });
    });
    child.once("close", (code) => {
      timer.cancel();
      resolve({ code: code ?? FAILED, ...texts });
    });
  });
}
