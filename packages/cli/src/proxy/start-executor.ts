import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "@holdfast/rpc";
import { socketUrl } from "@holdfast/rpc/websocket";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { onOneLine } from "../command-line/printable.ts";
import { ownFolder } from "../own-folder.ts";

/** Far more than it takes on a machine that is busy. */
const START_TIMEOUT_MS = 15_000;
/** What is told of a log. */
const LOG_TAIL_CHARACTERS = 1_024;

const DEFAULT_IDLE_SECONDS = "600";
/** Long enough for an outage, short enough for what a killed client leaves behind. */
const DEFAULT_SESSION_SECONDS = "3600";

export interface StartExecutorOptions {
  readonly socket: string;
  /** Begun anew. */
  readonly logFile: string;
  /** A folder for output that does not fit in memory. */
  readonly spool: string;
  readonly idleTimeout: string | undefined;
  readonly sessionTtl: string | undefined;
}

/**
 * Start an executor that outlives this process, in the user's home. Resolves when it listens.
 *
 * @throws CommandFailure it does not.
 */
export async function startExecutor(
  { socket, logFile, spool, idleTimeout, sessionTtl }: StartExecutorOptions,
  clock: Clock = systemClock,
): Promise<void> {
  const settings = {
    "--listen": socketUrl(socket),
    "--idle-timeout": idleTimeout ?? DEFAULT_IDLE_SECONDS,
    "--session-ttl": sessionTtl ?? DEFAULT_SESSION_SECONDS,
    // What a command prints while its client is away is not to be lost.
    "--spool": spool,
    "--log-level": "warn",
  };
  const log = openLog(logFile);
  try {
    // With the environment of this process, byte for byte.
    const child = spawn(
      process.execPath,
      [join(ownFolder(), "bin", "holdfast.mjs"), "serve", ...Object.entries(settings).flat()],
      {
        cwd: homedir(),
        detached: true,
        stdio: ["ignore", "pipe", log],
      },
    );
    await listening(child, clock).catch((error: unknown) => {
      throw new CommandFailure(`cannot start an executor here: ${reasonOf(error)}${tailOf(logFile)}`, { cause: error });
    });
  } finally {
    closeSync(log);
  }
}

function openLog(path: string): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
  try {
    // Two that are started at once write to it.
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  } catch (error) {
    throw new CommandFailure(`cannot write ${path}: ${reasonOf(error)}; make room, or remove it`, { cause: error });
  }
}

/** Its first line says that it listens. */
async function listening(child: ChildProcess, clock: Clock): Promise<void> {
  const { stdout } = child;
  if (stdout === null) throw new Error("it has no standard output");
  const late = Promise.withResolvers<never>();
  const timer = clock.after(START_TIMEOUT_MS, () => {
    child.kill("SIGKILL");
    late.reject(new Error(`it did not listen within ${START_TIMEOUT_MS / 1_000} s`));
  });
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`it ended with ${signal ?? `code ${code}`}`);
  });
  ended.catch(() => {});
  try {
    await Promise.race([once(stdout, "data"), ended, late.promise]);
  } finally {
    timer.cancel();
    stdout.destroy();
    child.unref();
  }
}

function tailOf(logFile: string): string {
  try {
    const text = onOneLine(readFileSync(logFile, "utf8").slice(-LOG_TAIL_CHARACTERS));
    return text === "" ? "" : `: ${text}`;
  } catch {
    return "";
  }
}
