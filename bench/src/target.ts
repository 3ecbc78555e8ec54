import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensureRelease } from "@holdfast/reference-peer";
import { firstLine, stop } from "./child.ts";

/** A running executor. */
export interface Target extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from its start to the line with its address. */
  readonly listeningMs: number;
}

export const HOLDFAST = "holdfast";
const HOLDFAST_PROGRAM = fileURLToPath(new URL("../../packages/cli/bin/holdfast.mjs", import.meta.url));

/** `holdfast`, or a release of the reference peer, as a process of its own. */
export async function startTarget(name: string): Promise<Target> {
  const listen = ["--listen", "ws://127.0.0.1:0"];
  if (name === HOLDFAST) return launch(name, process.execPath, [HOLDFAST_PROGRAM, "serve", ...listen]);
  const { program } = await ensureRelease(name);
  return launch(name, program, ["exec-server", ...listen]);
}

async function launch(name: string, program: string, args: readonly string[]): Promise<Target> {
  const begin = performance.now();
  // What a peer logs about a misuse is not of interest here, and would cost it time.
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
  const url = await firstLine(child);
  const listeningMs = performance.now() - begin;
  return { name, url, pid: child.pid ?? 0, listeningMs, [Symbol.asyncDispose]: () => stop(child) };
}
