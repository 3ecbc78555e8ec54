import { spawn } from "node:child_process";
import type { Release } from "@holdfast/reference-peer";
import { until } from "@holdfast/testkit";
import { endChild, ownChild } from "../owned.ts";
import { HOLDFAST_BIN, scratchCodexHome } from "../places.ts";
import type { RelayFront } from "./front.ts";
import { ENVIRONMENT_ID } from "./served-relay.ts";

const STARTUP_MS = 20_000;
const LOG_CHARS = 65_536;

/** An executor that has dialled out. Ended when disposed. */
export interface JoinedExecutor extends AsyncDisposable {
  readonly pid: number;
  /** What it wrote so far; the newest 64 KiB. */
  readonly log: () => string;
  readonly hasEnded: () => boolean;
}

export interface JoinedExecutorOptions {
  /** `holdfast` for ours. */
  readonly peer: Release | "holdfast";
  /** Base URL of the registry. */
  readonly url: string;
  readonly token: string;
  /** Its working folder. */
  readonly cwd: string;
  /** Default {@link ENVIRONMENT_ID} */
  readonly environmentId?: string | undefined;
}

/** Start an executor that registers at `url`. */
export async function dialOut(options: JoinedExecutorOptions): Promise<JoinedExecutor> {
  const home = await scratchCodexHome();
  const { peer, url, token, cwd, environmentId = ENVIRONMENT_ID } = options;
  const isOwn = peer === "holdfast";
  const remote = ["--remote", url, "--environment-id", environmentId];
  const [program, args, env] = isOwn
    ? [process.execPath, [HOLDFAST_BIN, "serve", ...remote], { HOLDFAST_RELAY_TOKEN: token }]
    : [peer.program, ["exec-server", ...remote], { CODEX_HOME: home.path, CODEX_API_KEY: token, RUST_LOG: "warn" }];
  const child = ownChild(
    spawn(program, args, {
      cwd,
      env: { ...process.env, NO_PROXY: "127.0.0.1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-LOG_CHARS);
    });
  }
  return {
    pid: child.pid ?? 0,
    log: () => log,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    [Symbol.asyncDispose]: async () => {
      await endChild(child);
      await home[Symbol.asyncDispose]();
    },
  };
}

/** The upgrade of its socket was answered. */
export async function untilJoined({ line }: RelayFront, executor: JoinedExecutor): Promise<void> {
  const isJoined = (): boolean => line.openCount > 0 && line.bytesOf("down") > 0;
  const what = (): string => `an executor that dials out: ${executor.log()}`;
  await until(() => isJoined() || executor.hasEnded(), { deadlineMs: STARTUP_MS, what });
  if (executor.hasEnded()) throw new Error(`it ended instead of dialling out: ${executor.log()}`);
}
