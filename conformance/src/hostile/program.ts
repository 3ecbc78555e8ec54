import { spawn } from "node:child_process";
import { endChild, ownChild } from "../owned.ts";
import { HOLDFAST_BIN } from "../places.ts";

/** How a run of our command line ended. */
export interface ProgramResult {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array;
  /** Default 60,000. */
  readonly timeoutMs?: number;
}

/** Run our command line to its end. Without `input` its stdin is `/dev/null`. */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const { cwd, env = {}, input, timeoutMs = 60_000 } = options;
  const child = ownChild(
    spawn(process.execPath, [HOLDFAST_BIN, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    }),
  );
  const out: Buffer[] = [];
  let stderr = "";
  child.stdout?.on("data", (data: Buffer) => out.push(data));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // A program that does not read to the end is no fault of the one who writes.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const { promise, resolve, reject } = Promise.withResolvers<ProgramResult>();
  child.once("error", reject);
  child.once("close", (exitCode) => resolve({ exitCode, stdout: Buffer.concat(out), stderr }));
  const timer = setTimeout(() => {
    reject(new Error(`holdfast ${args.join(" ")} did not end within ${timeoutMs} ms: ${stderr.slice(-300)}`));
    void endChild(child, 500);
  }, timeoutMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
