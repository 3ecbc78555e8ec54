import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { endChild, ownChild } from "../owned.ts";
import { HOLDFAST_BIN } from "../places.ts";

const LOG_CHARS = 65_536;
const STARTUP_MS = 60_000;

export interface RelayNode extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** What it wrote to stderr so far; the newest 64 KiB. */
  readonly log: () => string;
  /** End it by SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>;
}

export interface RelayNodeOptions {
  readonly tokensFile: string;
  readonly natsUrl: string;
  readonly publicUrl: string;
  /** Default any that is free. */
  readonly port?: number | undefined;
}

/** One of several `holdfast relay serve`. */
export async function startRelayNode(options: RelayNodeOptions): Promise<RelayNode> {
  const { tokensFile, natsUrl, publicUrl, port = 0 } = options;
  const args = ["relay", "serve", "--listen", `http://127.0.0.1:${port}`, "--tokens", tokensFile];
  const more = ["--nats", natsUrl, "--public-url", publicUrl, "--log-level", "warn"];
  const child = ownChild(
    spawn(process.execPath, [HOLDFAST_BIN, ...args, ...more], { stdio: ["ignore", "pipe", "pipe"] }),
  );
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-LOG_CHARS);
  });
  const listening = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`a relay did not start within ${STARTUP_MS} ms: ${log}`)),
      STARTUP_MS,
    );
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, url] = /^listening on (\S+)$/.exec(line) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once("exit", () => reject(new Error(`a relay ended at once: ${log}`)));
  });
  return {
    port: Number(new URL(listening).port),
    pid: child.pid ?? 0,
    log: () => log,
    kill: () => {
      child.kill("SIGKILL");
      return endChild(child);
    },
    [Symbol.asyncDispose]: () => endChild(child),
  };
}
