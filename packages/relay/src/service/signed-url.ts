import { createHmac, timingSafeEqual } from "node:crypto";

/** Which end of a stream a socket is. */
export type SocketRole = "executor" | "harness";

/** What the URL of a socket says. */
export interface SocketClaims {
  readonly role: SocketRole;
  readonly environmentId: string;
  readonly registrationId: string;
  /** Id of the token by which the URL was asked for: when it is revoked, so is the URL. */
  readonly tokenId: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** Why a URL is refused, in words that executors of Codex write to their log. */
export type UrlRejection =
  | "malformed_query"
  | "extra_query_param"
  | "missing_role"
  | "missing_expiry"
  | "missing_signature"
  | "missing_version"
  | "missing_executor_registration_id"
  | "invalid_role"
  | "invalid_expiry"
  | "invalid_signature"
  | "expired";

const VERSION = "1";
const CONTEXT = "holdfast-relay-url/v1";
const PARAMS = ["role", "version", "expiry", "executor_registration_id", "credential", "signature"] as const;
type Param = (typeof PARAMS)[number];
const MS_PER_S = 1_000;

/** The query of a socket's URL. Its environment stands in the path, and is signed as well. */
export function signedQuery(claims: SocketClaims, secret: Uint8Array): string {
  const expiry = String(Math.ceil(claims.expiresAt / MS_PER_S));
  const params: Readonly<Record<Param, string>> = {
    role: claims.role,
    version: VERSION,
    expiry,
    executor_registration_id: claims.registrationId,
    credential: claims.tokenId,
    signature: signatureOf({ ...claims, expiry }, secret).toString("base64url"),
  };
  return new URLSearchParams(params).toString();
}

/**
 * Check the query of a socket's URL.
 *
 * @param environmentId - Of the path.
 * @param now - Unix milliseconds.
 */
export function readSignedQuery(
  query: string,
  environmentId: string,
  secret: Uint8Array,
  now: number,
): SocketClaims | { readonly rejection: UrlRejection } {
  const params = paramsOf(query);
  if ("rejection" in params) return params;
  const { role, version, expiry, executor_registration_id: registrationId, credential, signature } = params;
  if (role === undefined) return { rejection: "missing_role" };
  if (version === undefined) return { rejection: "missing_version" };
  if (expiry === undefined) return { rejection: "missing_expiry" };
  if (registrationId === undefined) return { rejection: "missing_executor_registration_id" };
  if (signature === undefined || credential === undefined) return { rejection: "missing_signature" };
  if (role !== "executor" && role !== "harness") return { rejection: "invalid_role" };
  if (!/^\d{1,12}$/.test(expiry)) return { rejection: "invalid_expiry" };
  const claims = { role, environmentId, registrationId, tokenId: credential } as const;
  // Before anything of it is believed.
  if (version !== VERSION || !isSignature(signature, signatureOf({ ...claims, expiry }, secret))) {
    return { rejection: "invalid_signature" };
  }
  const expiresAt = Number(expiry) * MS_PER_S;
  return now >= expiresAt ? { rejection: "expired" } : { ...claims, expiresAt };
}

function paramsOf(
  query: string,
): Partial<Record<Param, string>> | { readonly rejection: "malformed_query" | "extra_query_param" } {
  const params: Partial<Record<Param, string>> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const param = PARAMS.find((each) => each === name);
    if (param === undefined) return { rejection: "extra_query_param" };
    if (params[param] !== undefined) return { rejection: "malformed_query" };
    params[param] = value;
  }
  return params;
}

function signatureOf(
  claims: Omit<SocketClaims, "expiresAt"> & { readonly expiry: string },
  secret: Uint8Array,
): Buffer {
  const { role, environmentId, registrationId, tokenId, expiry } = claims;
  // A list, so that no two sets of claims are one text.
  const text = JSON.stringify([CONTEXT, role, environmentId, registrationId, tokenId, expiry]);
  return createHmac("sha256", secret).update(text).digest();
}

function isSignature(text: string, wanted: Buffer): boolean {
  const given = Buffer.from(text, "base64url");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
