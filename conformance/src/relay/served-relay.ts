import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { endChild, ownChild } from "../owned.ts";
import { HOLDFAST_BIN } from "../places.ts";

const run = promisify(execFile);
const STARTUP_MS = 20_000;
const LOG_CHARS = 65_536;

/** The one environment of a join. */
export const ENVIRONMENT_ID = "joined-1";

/** Our own `holdfast relay serve` on a loopback port, with a token for each role. Ended when disposed. */
export interface ServedRelay extends AsyncDisposable {
  /** Base URL; the same after a restart. */
  readonly url: string;
  readonly executorToken: string;
  readonly clientToken: string;
  readonly pid: () => number;
  /** What it wrote to stderr so far; the newest 64 KiB. */
  readonly log: () => string;
  /** End it by SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Start it anew on the same port, with what it kept in its folder. */
  start(): Promise<void>;
}

/**
 * @param folder - Where its tokens and its state are.
 * @param environments - Which environments the tokens are for. Default: {@link ENVIRONMENT_ID} alone.
 */
export async function serveRelay(folder: string, environments = ENVIRONMENT_ID): Promise<ServedRelay> {
  const tokens = join(folder, "tokens.json");
  const tokenFor = async (role: string): Promise<string> => {
    const args = ["relay", "token", "--tokens", tokens, "--role", role, "--environment", environments];
    const { stdout } = await run(process.execPath, [HOLDFAST_BIN, ...args]);
    return stdout.trim();
  };
  const executorToken = await tokenFor("executor");
  const clientToken = await tokenFor("client");
  let log = "";
  const start = async (listen: string) => {
    const args = ["relay", "serve", "--listen", listen, "--tokens", tokens, "--state", join(folder, "relay")];
    const child = ownChild(spawn(process.execPath, [HOLDFAST_BIN, ...args], { stdio: ["ignore", "pipe", "pipe"] }));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-LOG_CHARS);
    });
    const lines = createInterface({ input: child.stdout });
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no URL within ${STARTUP_MS} ms: ${log}`)), STARTUP_MS);
      lines.once("line", (line) => {
        clearTimeout(timer);
        resolve(line);
      });
      child.once("exit", () => reject(new Error(`the relay ended at once: ${log}`)));
    });
    return { child, url };
  };
  let running = await start("http://127.0.0.1:0");
  const { url } = running;
  return {
    url,
    executorToken,
    clientToken,
    pid: () => running.child.pid ?? 0,
    log: () => log,
    kill: () => {
      running.child.kill("SIGKILL");
      return endChild(running.child);
    },
    start: async () => {
      running = await start(url);
    },
    [Symbol.asyncDispose]: () => endChild(running.child),
  };
}
