import type { FramePort } from "@holdfast/rpc";
import { type DialTarget, dialWithin, type RecoverySettings, shownValue } from "@holdfast/rpc/client";
import { InvalidArgumentError } from "../errors.ts";
import { COMMAND_RETRY_INTERVAL_MS, RECOVERY_RETRY_INTERVAL_MS, RELAY_RETRY_PAUSES } from "../limits.ts";
import { inClear, isRelayUrl, relayAddress } from "../relay/relay-url.ts";
import type { SshTarget } from "../ssh/ssh-target.ts";
import type { TargetDialOptions } from "./targets/dial-options.ts";
import { dialResolved, type ResolvedTarget } from "./targets/resolved-target.ts";
import { checkSshTarget, dialSshTarget } from "./targets/ssh-target.ts";
import { checkStdioTarget, dialStdio, type StdioTarget } from "./targets/stdio-target.ts";
import { checkUrlTarget, dialUrl, URL_KINDS } from "./targets/url-target.ts";

export type { DialTarget } from "@holdfast/rpc/client";
export type { SshTarget } from "../ssh/ssh-target.ts";
export type { ResolvedTarget, ResolvedUrl } from "./targets/resolved-target.ts";
export type { StdioTarget } from "./targets/stdio-target.ts";

/**
 * Where an executor is: a `ws:`, `wss:`, `unix:`, `ssh:` or `relay+https:` URL, what finds one, ssh with a way of its own, a child to start, a way to dial it, or a connection that is already open. After
 * a lost connection, URLs, what finds them, ways to dial and children with `redial` are tried again.
 */
export type ConnectTarget = string | URL | ResolvedTarget | SshTarget | StdioTarget | DialTarget | FramePort;

const KINDS = `${URL_KINDS}, what finds one, a command to start, a way to dial, or a frame port`;

/** @throws InvalidArgumentError the target is none of the known kinds. */
export function checkTarget(target: ConnectTarget): void {
  if (typeof target === "string" || target instanceof URL) {
    if (String(target) !== "") {
      checkUrlTarget(target);
      return;
    }
  } else if (typeof target === "object" && target !== null) {
    if ("transport" in target) return;
    if ("dial" in target && typeof target.dial === "function") return;
    if ("resolveUrl" in target && typeof target.resolveUrl === "function") return;
    if ("ssh" in target) {
      checkSshTarget(target);
      return;
    }
    if ("command" in target && typeof target.command === "string" && target.command !== "") {
      checkStdioTarget(target);
      return;
    }
  }
  const isUnset = target === undefined || target === "" || target === null;
  const hint = isUnset ? "; is the variable that it comes from set?" : "";
  throw new InvalidArgumentError("target", `target must be ${KINDS}, not ${shownValue(target)}${hint}`);
}

/** Whether the same executor may be there at a second try. */
export function canDialAgain(target: ConnectTarget): boolean {
  if (typeof target === "string" || target instanceof URL) return true;
  if ("dial" in target || "resolveUrl" in target || "ssh" in target) return true;
  return "command" in target && target.redial === true;
}

/** Whether a relay is on the way, by which a connection is dear: a registry, a socket, and a handshake of both ends. */
export function leadsThroughRelay(target: ConnectTarget): boolean {
  const url = typeof target === "string" || target instanceof URL ? URL.parse(String(target)) : null;
  return url !== null && isRelayUrl(url);
}

/** @throws InvalidArgumentError a relay in clear on another machine, without leave. */
export function checkInClear(target: ConnectTarget, allowPlaintextRelay: boolean | undefined): void {
  if (allowPlaintextRelay === true || !leadsThroughRelay(target)) return;
  const address = relayAddress(String(target));
  if (address.isInClear) throw new InvalidArgumentError("target", inClear(address));
}

/** Pauses between attempts that are fit for the target, where nothing else is said. */
export type RetryPauses = Pick<RecoverySettings, "retryIntervalMs" | "maxRetryIntervalMs" | "jitter">;

/** @param fixedMs - What is said instead, milliseconds. */
export function retryPausesOf(target: ConnectTarget, fixedMs?: number): RetryPauses {
  if (fixedMs !== undefined) return { retryIntervalMs: fixedMs };
  if (leadsThroughRelay(target)) {
    const { firstMs, maxMs, jitter } = RELAY_RETRY_PAUSES;
    return { retryIntervalMs: firstMs, maxRetryIntervalMs: maxMs, jitter };
  }
  const isUrl = typeof target === "string" || target instanceof URL;
  const startsProgram = isUrl ? URL.parse(String(target))?.protocol === "ssh:" : "ssh" in target || "command" in target;
  return { retryIntervalMs: startsProgram ? COMMAND_RETRY_INTERVAL_MS : RECOVERY_RETRY_INTERVAL_MS };
}

/**
 * Open a connection to the target.
 *
 * @throws LinkError `closed`, `timeout` or `aborted`, delivery `not-sent`: there is no connection.
 */
export async function dial(target: ConnectTarget, options: TargetDialOptions): Promise<FramePort> {
  if (typeof target === "string" || target instanceof URL) return dialUrl(target, options);
  if ("transport" in target) return target;
  if ("dial" in target) return dialWithin(target, options);
  if ("resolveUrl" in target) return dialResolved(target, options);
  if ("ssh" in target) return dialSshTarget(target, options);
  return dialStdio(target, options);
}
