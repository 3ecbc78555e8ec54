import { createHash, randomBytes } from "node:crypto";

/**
 * What a token is for: `executor` registers environments and asks about clients, `client` connects to them, `monitor` reads the metrics of the
 * service.
 */
export const TOKEN_ROLES = ["executor", "client", "monitor"] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** What is kept of a token. */
export interface TokenEntry {
  /** Random, in the file once; says which token it is without saying the token. */
  readonly id: string;
  /** For people, logs and `revoke`; in the file once. */
  readonly name: string;
  readonly role: TokenRole;
  /** For which environments it is: an id in which each `*` is any number of characters. `*` for `monitor`. */
  readonly environment: string;
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Unix milliseconds; absent: it does not expire. */
  readonly expiresAt?: number | undefined;
}

/** So that a token can be told from other secrets, by people and by programs that look for secrets where there must be none. */
const PREFIX = "hfr_";
/** 256 bits: nobody finds one by trying, so that a plain hash of it can be kept. */
const SECRET_BYTES = 32;
const ID_BYTES = 6;

/** A new token. It is nowhere else. */
export function newToken(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

export function newTokenId(): string {
  return randomBytes(ID_BYTES).toString("hex");
}

/** What is kept in place of the token, in hexadecimal digits. */
export function tokenDigest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** @param now - Unix milliseconds. */
export function isExpired({ expiresAt }: Pick<TokenEntry, "expiresAt">, now: number): boolean {
  return expiresAt !== undefined && now >= expiresAt;
}
