import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ensureRelease } from "@holdfast/reference-peer";
import { firstLine, stop } from "../child.ts";
import { HOLDFAST } from "../target.ts";

const PROGRAM = fileURLToPath(new URL("../../../packages/cli/bin/holdfast.mjs", import.meta.url));
const run = promisify(execFile);

/** Our own relay as a process of its own, with a token of each role for every environment. */
export interface BenchRelay extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly executorToken: string;
  readonly clientToken: string;
}

/** @param folder - For its tokens and its state. */
export async function startRelay(folder: string): Promise<BenchRelay> {
  const tokens = join(folder, "tokens");
  const tokenFor = async (role: string): Promise<string> => {
    const args = ["relay", "token", "--tokens", tokens, "--role", role, "--environment", "*"];
    return (await run(process.execPath, [PROGRAM, ...args])).stdout.trim();
  };
  const executorToken = await tokenFor("executor");
  const clientToken = await tokenFor("client");
  const args = ["relay", "serve", "--tokens", tokens, "--state", join(folder, "relay"), "--log-level", "off"];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await firstLine(child);
  return { url, pid: child.pid ?? 0, executorToken, clientToken, [Symbol.asyncDispose]: () => stop(child) };
}

/** An executor that has dialled out to `relay`: ours, or that of a release. */
export async function dialOut(
  name: string,
  relay: BenchRelay,
  { environmentId, home }: { readonly environmentId: string; readonly home: string },
): Promise<AsyncDisposable> {
  const remote = ["--remote", relay.url, "--environment-id", environmentId];
  const isOwn = name === HOLDFAST;
  const program = isOwn ? process.execPath : (await ensureRelease(name)).program;
  const args = isOwn ? [PROGRAM, "serve", ...remote] : ["exec-server", ...remote];
  const env = isOwn
    ? { HOLDFAST_RELAY_TOKEN: relay.executorToken }
    : { CODEX_HOME: home, CODEX_API_KEY: relay.executorToken, RUST_LOG: "off" };
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "ignore"] });
  return { [Symbol.asyncDispose]: () => stop(child) };
}
