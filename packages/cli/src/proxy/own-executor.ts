import { join } from "node:path";
import { type FramePort, isLinkError } from "@holdfast/rpc";
import { connectWebSocket, socketUrl } from "@holdfast/rpc/websocket";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { version } from "../version.ts";
import { runFolder } from "./run-folder.ts";
import { startExecutor } from "./start-executor.ts";

/** Largest message that passes. The two ends have bounds of their own, and are the ones to refuse. */
export const MESSAGE_MAX_BYTES = 268_435_456;

/** No longer: the executor is on this machine. */
const CONNECT_TIMEOUT_MS = 5_000;

export interface OwnExecutorOptions {
  /** Which of several builds of the same release. Default: the one that is installed. */
  readonly build: string | undefined;
  /** Of one that is started: as `serve` takes them. */
  readonly idleTimeout: string | undefined;
  readonly sessionTtl: string | undefined;
}

/** A line to this user's executor of this release, which is started when there is none. @throws CommandFailure */
export async function openOwnExecutor(context: Context, options: OwnExecutorOptions): Promise<FramePort> {
  const folder = runFolder(context.env);
  const name = options.build ?? version();
  const socket = join(folder, `${name}.sock`);
  const running = await dialRunning(socket);
  if (running !== undefined) return running;
  try {
    await startExecutor({ ...options, socket, logFile: join(folder, `${name}.log`), spool: join(folder, "spool") });
  } catch (error) {
    // Of two that are started at once, one gets the socket.
    const faster = await dialRunning(socket);
    if (faster !== undefined) return faster;
    throw error;
  }
  return await dial(socket);
}

/** Undefined where nobody listens. */
async function dialRunning(socket: string): Promise<FramePort | undefined> {
  try {
    return await dial(socket);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw new CommandFailure(`the executor behind ${socket} does not answer: ${reasonOf(error)}; end it, or wait`, {
      cause: error,
    });
  }
}

function isAbsent(error: unknown): boolean {
  const cause = isLinkError(error) ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "ENOENT" || code === "ECONNREFUSED";
}

function dial(socket: string): Promise<FramePort> {
  return connectWebSocket(socketUrl(socket), {
    maxMessageBytes: MESSAGE_MAX_BYTES,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
}
