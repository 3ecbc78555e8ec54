import { type FramePort, shownUrl } from "@holdfast/rpc";
import {
  type Check,
  CLIENT_LIMITS,
  callback,
  checkOptions,
  type DialOptions,
  type DialTarget,
  dialSocket,
  dialWithin,
  InvalidArgumentError,
  type OptionChecks,
  shownValue,
  stringsByName,
  text,
} from "@holdfast/rpc/client";
import { CHILD_CLOSE_GRACE_MS, PONG_TIMEOUT_MS } from "./limits.ts";

/** An app server to be started as a child that speaks on its stdin and stdout, such as `{ command: "codex", args: ["app-server"] }`. */
export interface ProgramTarget {
  /** Program to run; found on `PATH` when it holds no slash. No shell is involved. */
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** Whole environment of the child. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Working folder of the child, a local path. Default: that of this process. */
  readonly cwd?: string | undefined;
  /** Called with what the child writes to stderr. Its last 1,024 characters are told with its end in any case. Default: the rest is dropped. */
  readonly onStderr?: ((chunk: Uint8Array) => void) | undefined;
}

/**
 * Where an app server is: a `ws:`, `wss:` or `unix:` URL, a child to start, a way to dial it, or a connection that is already open. After a
 * lost connection, URLs and ways to dial are tried again.
 */
export type AppServerTarget = string | URL | ProgramTarget | DialTarget | FramePort;

const SOCKET_SCHEMES: readonly string[] = ["ws:", "wss:", "unix:"];
const KINDS = "a ws:, wss: or unix: URL, a command to start, a way to dial, or a frame port";

const strings: Check = (value, name) => {
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return;
  throw new InvalidArgumentError(name, `${name} must be an array of strings`);
};

const PROGRAM_TARGET: OptionChecks<ProgramTarget> = {
  command: text,
  args: strings,
  env: stringsByName,
  cwd: text,
  onStderr: callback,
};

/** @throws InvalidArgumentError the target is none of the known kinds. */
export function checkTarget(target: AppServerTarget): void {
  if (typeof target === "string" || target instanceof URL) {
    const url = URL.parse(String(target));
    if (url !== null && SOCKET_SCHEMES.includes(url.protocol)) return;
    const shown = typeof target === "string" && url === null ? shownValue(target) : shownUrl(String(target));
    throw new InvalidArgumentError("target", `target must be ${KINDS}, not ${shown}${hintOf(target)}`);
  }
  if (typeof target === "object" && target !== null) {
    if ("transport" in target) return;
    if ("dial" in target && typeof target.dial === "function") return;
    if ("command" in target && typeof target.command === "string" && target.command !== "") {
      checkOptions(target, PROGRAM_TARGET, "connectAppServer (a command to start)");
      return;
    }
  }
  throw new InvalidArgumentError("target", `target must be ${KINDS}, not ${shownValue(target)}${hintOf(target)}`);
}

function hintOf(target: unknown): string {
  const isUnset = target === undefined || target === "" || target === null;
  return isUnset ? "; is the variable that it comes from set?" : "";
}

/** Whether the same server may be there at a second try. A child is another server each time. */
export function canDialAgain(target: AppServerTarget): boolean {
  return typeof target === "string" || target instanceof URL || "dial" in target;
}

/**
 * Open a connection to the target.
 *
 * @throws LinkError `closed`, `timeout` or `aborted`, delivery `not-sent`: there is no connection.
 */
export async function dial(target: AppServerTarget, options: DialOptions): Promise<FramePort> {
  if (typeof target === "string" || target instanceof URL) {
    return dialSocket(new URL(target), { ...options, pongTimeoutMs: PONG_TIMEOUT_MS });
  }
  if ("transport" in target) return target;
  if ("dial" in target) return dialWithin(target, options);
  const { spawnStdio } = await import("@holdfast/rpc/stdio");
  const { port } = await spawnStdio({
    ...target,
    maxLineBytes: CLIENT_LIMITS.maxInboundMessageBytes,
    // A server ends the commands that it runs when its input ends; a signal would leave them behind.
    closeGraceMs: CHILD_CLOSE_GRACE_MS,
    clock: options.clock,
    signal: options.signal,
  });
  return port;
}
