import { abortedBy, isLinkError, LinkError } from "@holdfast/rpc";
import { FinalRefusal, isFinalRefusal } from "../errors/final-refusal.ts";
import { HandshakeTimeout } from "./open-channel.ts";
import { PostTimeout } from "./post-json.ts";
import { isFinalStatus, RegistryRefusal } from "./registry-refusal.ts";
import type { RelayAddress } from "./relay-url.ts";

export interface DialCircumstances {
  readonly signal: AbortSignal | undefined;
  /** Whether a session was to be resumed. */
  readonly isRecovery: boolean;
  readonly hasToken: boolean;
}

/** Why there is no connection through a relay: what it means, and what helps. */
export function dialFailure(error: unknown, address: RelayAddress, circumstances: DialCircumstances): LinkError {
  const { signal, isRecovery } = circumstances;
  const { shown } = address;
  if (signal?.aborted === true) return abortedBy(signal, `connecting to ${shown}`, { delivery: "not-sent" });
  const because = (text: string, cause: unknown = error): LinkError =>
    new LinkError(isTimeout(error) ? "timeout" : "closed", `cannot connect to ${shown}: ${text}`, {
      delivery: "not-sent",
      cause,
    });
  if (error instanceof RegistryRefusal) {
    const text = `${error.message}; ${adviceOn(error, address, circumstances)}`.replace(/; $/u, "");
    const isFinal = isFinalStatus(error.status, { isRecovery });
    return because(text, isFinal ? new FinalRefusal(text, { cause: error }) : error);
  }
  if (isFinalRefusal(error)) return because(error.message);
  if (isLinkError(error)) return because(`the relay's socket: ${error.message}`);
  if (error instanceof PostTimeout) return because(`the registry gave ${error.message}`);
  if (isUnreached(error)) return because(`the registry is not reached: ${textOf(error)}`);
  return because(textOf(error));
}

function adviceOn(
  { status }: RegistryRefusal,
  { environmentId }: RelayAddress,
  { hasToken }: DialCircumstances,
): string {
  if (status === 401) {
    return hasToken ? "give a token that is valid" : "give the token of a client; there is none";
  }
  if (status === 403) return `give a token that is for connecting to ${environmentId}`;
  if (status === 404) return `start the executor of ${environmentId}, or check the id`;
  if (status === 409 || status === 425) return `wait for the executor of ${environmentId}`;
  if (status >= 300 && status < 400) return "a redirect is not followed: use the address that it leads to";
  return "";
}

function isTimeout(error: unknown): boolean {
  if (isLinkError(error)) return error.code === "timeout";
  return error instanceof PostTimeout || error instanceof HandshakeTimeout;
}

/** Errors of the system have a code: there was no answer. */
function isUnreached(error: unknown): boolean {
  return error instanceof Error && "code" in error;
}

/** A name with several addresses fails with one error per address and no text of its own. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(textOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
