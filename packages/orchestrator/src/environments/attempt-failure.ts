import { InvalidArgumentError, isLinkError, isRemoteError, type LinkError } from "@holdfast/exec-client";
import { durationText } from "./duration-text.ts";
import { EnvironmentError } from "./environment-error.ts";
import { causeWithoutSecrets, withoutSecrets } from "./secrets.ts";

/** What was tried, for the words about its failure. */
export interface Attempt {
  readonly environmentId: string;
  /** `websocket`: a `ws:` or `wss:` URL. `program`: a child. `other`: whatever says in its own words what is wrong. */
  readonly kind: "websocket" | "program" | "other";
  /** Without secrets. */
  readonly address: string;
  readonly connectTimeoutMs: number;
  readonly initializeTimeoutMs: number;
  /** What must not be shown, wherever it comes from. */
  readonly secrets: readonly string[];
}

/** The error that all callers of one attempt get, in the words that the reference has for it. */
export function attemptFailure(error: unknown, attempt: Attempt): EnvironmentError {
  const detail = withoutSecrets(failureText(error, attempt), attempt.secrets);
  return new EnvironmentError("failed", `exec-server connection attempt failed: ${detail}`, {
    environmentId: attempt.environmentId,
    cause: causeWithoutSecrets(error, attempt.secrets),
  });
}

/** What went wrong at an executor, in the same words. */
export function failureText(error: unknown, attempt: Attempt): string {
  if (isRemoteError(error)) return `exec-server rejected request (${error.code}): ${error.message}`;
  if (isLinkError(error)) return error.method === undefined ? dialFailure(error, attempt) : callFailure(error, attempt);
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof InvalidArgumentError && attempt.kind === "other") return text;
  return `exec-server protocol error: ${text}`;
}

/** There was no connection. */
function dialFailure(error: LinkError, { kind, address, connectTimeoutMs }: Attempt): string {
  switch (kind) {
    case "websocket":
      return error.code === "timeout"
        ? `timed out connecting to exec-server websocket \`${address}\` after ${durationText(connectTimeoutMs)}`
        : `failed to connect to exec-server websocket \`${address}\`: ${dialDetail(error)}`;
    case "program":
      return `failed to spawn exec-server: ${error.message}`;
    case "other":
      return error.message;
  }
}

/** There was one, and it did not become that of an executor. */
function callFailure(error: LinkError, { initializeTimeoutMs }: Attempt): string {
  switch (error.code) {
    case "timeout":
      return error.method === "initialize"
        ? `timed out waiting for exec-server initialize handshake after ${durationText(initializeTimeoutMs)}`
        : error.message;
    case "closed":
      return `exec-server transport closed: ${error.message}`;
    default:
      return `exec-server protocol error: ${error.message}`;
  }
}

/** The address stands before it already. */
function dialDetail({ message }: LinkError): string {
  return message.replace(/^(?:dialling failed: )?cannot connect to \S+: /u, "");
}
