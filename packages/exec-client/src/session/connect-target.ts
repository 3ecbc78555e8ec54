import type { Clock, FramePort } from "@holdfast/rpc";
import { spawnStdio } from "@holdfast/rpc/stdio";
import { connectWebSocket } from "@holdfast/rpc/websocket";
import { InvalidArgumentError } from "../errors.ts";
import { INBOUND_MESSAGE_MAX_BYTES } from "../limits.ts";

/** An executor to be started as a child that speaks on its stdin and stdout. */
export interface StdioTarget {
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** Whole environment of the child. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Working folder of the child, a local path. Default: that of this process. */
  readonly cwd?: string | undefined;
  /** Told what the child writes to stderr. Default: it is dropped. */
  readonly onStderr?: ((chunk: Uint8Array) => void) | undefined;
}

/** Where an executor is: a `ws:` or `wss:` URL, a child to start, or a line that is already there. */
export type ConnectTarget = string | URL | StdioTarget | FramePort;

export interface DialOptions {
  readonly connectTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

const WEBSOCKET_SCHEMES = ["ws:", "wss:"];

/**
 * Get a line to the target.
 *
 * @throws InvalidArgumentError the target is none of the known kinds.
 * @throws LinkError `closed`, `timeout` or `aborted`, delivery `not-sent`: there is no line.
 */
export const dial = async (target: ConnectTarget, options: DialOptions): Promise<FramePort> => {
  if (typeof target === "string" || target instanceof URL) {
    return connectWebSocket(websocketUrl(target), { ...options, maxMessageBytes: INBOUND_MESSAGE_MAX_BYTES });
  }
  if ("transport" in target) return target;
  if (typeof target.command === "string" && target.command !== "") {
    return (await spawnStdio({ ...target, maxLineBytes: INBOUND_MESSAGE_MAX_BYTES, clock: options.clock })).port;
  }
  throw new InvalidArgumentError("target", "target must be a ws: or wss: URL, a command to start, or a frame port");
};

const websocketUrl = (target: string | URL): string => {
  const url = URL.parse(String(target));
  if (url !== null && WEBSOCKET_SCHEMES.includes(url.protocol)) return url.href;
  throw new InvalidArgumentError("target", `target must be a ws: or wss: URL, not ${String(target)}`);
};
