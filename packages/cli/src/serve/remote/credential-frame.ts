import { isToken } from "./relay-token.ts";

/** A token for a relay that counts for a while. */
export interface ExecutorCredential {
  readonly token: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

const MEMBERS = ["version", "environment_id", "token", "expires_at"];

/**
 * Read `{"version":1,"environment_id":"…","token":"…","expires_at":…}`.
 *
 * @param nowMs - Unix milliseconds.
 * @throws Error in the words of the peers; it never has the token.
 */
export function readCredentialFrame(text: string, environmentId: string, nowMs: number): ExecutorCredential {
  const frame = objectOf(text);
  const { version, environment_id, token, expires_at } = frame;
  const isWhole = Object.keys(frame).length === MEMBERS.length && MEMBERS.every((name) => Object.hasOwn(frame, name));
  if (!isWhole || version !== 1 || typeof environment_id !== "string" || typeof token !== "string") throw invalid();
  if (!isToken(token) || typeof expires_at !== "number" || !Number.isSafeInteger(expires_at)) throw invalid();
  if (environment_id !== environmentId) {
    throw new Error("exec-server executor credential is for a different environment");
  }
  const credential = { token, expiresAt: expires_at };
  if (isExpired(credential, nowMs)) throw new Error("exec-server executor credential is expired");
  return credential;
}

export function isExpired({ expiresAt }: ExecutorCredential, nowMs: number): boolean {
  return expiresAt * 1_000 <= nowMs;
}

function objectOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid();
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid();
  return value as Record<string, unknown>;
}

function invalid(): Error {
  return new Error("invalid exec-server executor credential frame");
}
