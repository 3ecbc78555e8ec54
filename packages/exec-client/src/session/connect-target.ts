import { abortedBy, type Clock, type FramePort, LinkError, shownUrl } from "@holdfast/rpc";
import { checkOptions, type OptionChecks } from "../arguments/check-options.ts";
import { callback, stringsByName, text } from "../arguments/checks.ts";
import { shownValue } from "../arguments/shown-value.ts";
import { InvalidArgumentError } from "../errors.ts";
import { INBOUND_MESSAGE_MAX_BYTES, PING_INTERVAL_MS, PONG_TIMEOUT_MS } from "../limits.ts";

/** An executor to be started as a child that speaks on its stdin and stdout. */
export interface StdioTarget {
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** Whole environment of the child. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Working folder of the child, a local path. Default: that of this process. */
  readonly cwd?: string | undefined;
  /** Called with what the child writes to stderr. Its last 1,024 characters are told with its end in any case. Default: the rest is dropped. */
  readonly onStderr?: ((chunk: Uint8Array) => void) | undefined;
}

/** A way to connect to an executor, called once for each attempt. */
export interface DialTarget {
  /**
   * Open a new connection. Any rejection counts as "not reachable now". A connection that comes after the signal has
   * aborted is closed.
   */
  dial(options: { readonly signal: AbortSignal }): Promise<FramePort>;
}

/**
 * Where an executor is: a `ws:` or `wss:` URL, a child to start, a way to dial it, or a connection that is already open. After
 * a lost connection, URLs and ways to dial are tried again.
 */
export type ConnectTarget = string | URL | StdioTarget | DialTarget | FramePort;

const STDIO_TARGET: OptionChecks<StdioTarget> = {
  command: text,
  args: (value, name) => {
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) return;
    throw new InvalidArgumentError(name, `${name} must be an array of strings`);
  },
  env: stringsByName,
  cwd: text,
  onStderr: callback,
};

const KINDS = "a ws: or wss: URL, a command to start, a way to dial, or a frame port";

/** @throws InvalidArgumentError the target is none of the known kinds. */
export function checkTarget(target: ConnectTarget): void {
  if (typeof target === "string" || target instanceof URL) {
    if (String(target) !== "") {
      websocketUrl(target);
      return;
    }
  } else if (typeof target === "object" && target !== null) {
    if ("transport" in target) return;
    if ("dial" in target && typeof target.dial === "function") return;
    if ("command" in target && typeof target.command === "string" && target.command !== "") {
      checkOptions(target, STDIO_TARGET, "connect (a command to start)");
      return;
    }
  }
  const isUnset = target === undefined || target === "" || target === null;
  const hint = isUnset ? "; is the variable that it comes from set?" : "";
  throw new InvalidArgumentError("target", `target must be ${KINDS}, not ${shownValue(target)}${hint}`);
}

/** Whether the same executor may be there at a second try. */
export function canDialAgain(target: ConnectTarget): boolean {
  return typeof target === "string" || target instanceof URL || "dial" in target;
}

export interface DialOptions {
  readonly connectTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  /** Pause between pings on a websocket, milliseconds. Default 10,000. */
  readonly pingIntervalMs?: number | undefined;
}

const WEBSOCKET_BOUNDS = {
  maxMessageBytes: INBOUND_MESSAGE_MAX_BYTES,
  // A connection that went silent must be noticed, or every call on it would wait for good.
  pongTimeoutMs: PONG_TIMEOUT_MS,
};

const WEBSOCKET_SCHEMES = ["ws:", "wss:"];

/**
 * Open a connection to the target.
 *
 * @throws LinkError `closed`, `timeout` or `aborted`, delivery `not-sent`: there is no connection.
 */
export async function dial(target: ConnectTarget, options: DialOptions): Promise<FramePort> {
  // Loaded when it is asked for: who goes one way needs not the others, and some platforms lack them.
  if (typeof target === "string" || target instanceof URL) {
    const { connectWebSocket } = await import("@holdfast/rpc/websocket");
    return connectWebSocket(websocketUrl(target), {
      ...WEBSOCKET_BOUNDS,
      ...options,
      pingIntervalMs: options.pingIntervalMs ?? PING_INTERVAL_MS,
    });
  }
  if ("transport" in target) return target;
  if ("dial" in target) return dialWithin(target, options);
  const { spawnStdio } = await import("@holdfast/rpc/stdio");
  return (await spawnStdio({ ...target, maxLineBytes: INBOUND_MESSAGE_MAX_BYTES, clock: options.clock })).port;
}

/** No dialler is trusted to keep the time. */
async function dialWithin(target: DialTarget, options: DialOptions): Promise<FramePort> {
  const { connectTimeoutMs, signal, clock } = options;
  const giveUp = new AbortController();
  const { promise: gaveUp, reject } = Promise.withResolvers<never>();
  const stop = (error: LinkError): void => {
    reject(error);
    giveUp.abort();
  };
  const onAbort = (): void => {
    if (signal !== undefined) stop(abortedBy(signal, "dialling", { delivery: "not-sent" }));
  };
  const timer = clock.after(connectTimeoutMs, () => {
    const message = `there was no connection within ${connectTimeoutMs} ms`;
    stop(new LinkError("timeout", message, { delivery: "not-sent" }));
  });
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const dialled = giveUp.signal.aborted ? gaveUp : callDial(target, giveUp.signal);
  try {
    return await Promise.race([dialled, gaveUp]);
  } catch (error) {
    dialled.then(
      (port) => port.destroy("the connection came too late"),
      () => {},
    );
    throw error;
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", onAbort);
  }
}

async function callDial(target: DialTarget, signal: AbortSignal): Promise<FramePort> {
  try {
    return await target.dial({ signal });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LinkError("closed", `dialling failed: ${reason}`, { delivery: "not-sent", cause });
  }
}

function websocketUrl(target: string | URL): string {
  const url = URL.parse(String(target));
  if (url !== null && WEBSOCKET_SCHEMES.includes(url.protocol)) return url.href;
  throw new InvalidArgumentError("target", `target must be a ws: or wss: URL, not ${shownUrl(String(target))}`);
}
