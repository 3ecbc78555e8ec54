import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export interface Outcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const FRAME = ["--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--unshare-user", "--unshare-pid"];

/** Runs a command under bubblewrap, everything readable, with the filter and nothing else against it. */
export async function runConfined(filter: Uint8Array | undefined, argv: readonly string[]): Promise<Outcome> {
  const seccomp = filter === undefined ? [] : ["--seccomp", "3"];
  const child = spawn("bwrap", [...FRAME, ...seccomp, "--", ...argv], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const channel = child.stdio[3] as NodeJS.WritableStream;
  // A wrapper that ends early closes its side; what matters is how it ended.
  channel.on("error", () => {});
  channel.end(filter ?? "");
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("no pipes");
  const [out, err, [exitCode, signal]] = await Promise.all([text(stdout), text(stderr), once(child, "close")]);
  return { exitCode, signal, stdout: out, stderr: err };
}

/** A system call by number and arguments. */
export type Attempt = readonly [number, ...number[]];

/** Makes system calls in one confined process; the errno of each, 0 where it succeeded. */
export async function errnosOf(filter: Uint8Array | undefined, attempts: readonly Attempt[]): Promise<number[]> {
  const program = fileURLToPath(new URL("./attempt.mjs", import.meta.url));
  const outcome = await runConfined(filter, [process.execPath, program, JSON.stringify(attempts)]);
  if (outcome.exitCode !== 0) throw new Error(`the attempts ended with ${JSON.stringify(outcome)}`);
  return JSON.parse(outcome.stdout) as number[];
}

/** Why commands can not be confined here; `undefined` where they can. */
export async function whyUnavailable(): Promise<string | undefined> {
  if (process.platform !== "linux") return "bubblewrap is for Linux";
  if (process.arch !== "x64" && process.arch !== "arm64") return `no filter for ${process.arch}`;
  try {
    const outcome = await runConfined(undefined, ["/bin/sh", "-c", "exit 0"]);
    return outcome.exitCode === 0 ? undefined : outcome.stderr.trim();
  } catch (error) {
    return String(error);
  }
}
