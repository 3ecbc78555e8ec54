import { createHash } from "node:crypto";
import { LOCAL_ENVIRONMENT, type McpServerConfig } from "../config/server-config.ts";

/** What a login left, spelt as in the file that is shared with releases of Codex. */
export interface StoredCredentials {
  readonly server_name: string;
  readonly server_url: string;
  /** Of the authorization server. */
  readonly issuer?: string;
  readonly client_id: string;
  /** Of a client that the authorization server gave one. */
  readonly client_secret?: string;
  readonly access_token: string;
  /** Milliseconds since 1970. Absent: the authorization server did not say. */
  readonly expires_at?: number;
  readonly refresh_token?: string;
  readonly scopes?: readonly string[];
  /** Whether they are for a server that is reached from an executor. */
  readonly executor_owned?: boolean;
}

/** Whose credentials they are. */
export interface CredentialOwner {
  /** Unique, and the key in the file. */
  readonly key: string;
  readonly serverName: string;
  readonly serverUrl: string;
  readonly isExecutorOwned: boolean;
}

/**
 * Whose credentials a server's are. The same server reached from another environment is another one: what its name stands for there is
 * decided there.
 */
export function credentialOwner({ name, environmentId, transport }: McpServerConfig): CredentialOwner {
  if (transport.kind !== "http") throw new TypeError(`MCP server ${JSON.stringify(name)} is not reached by HTTP`);
  const isExecutorOwned = environmentId !== LOCAL_ENVIRONMENT;
  const serverName = isExecutorOwned ? `executor:${base64url(environmentId)}:${base64url(name)}` : name;
  const place = JSON.stringify({ type: "http", url: transport.url, headers: {} });
  const key = `${serverName}|${createHash("sha256").update(place).digest("hex").slice(0, 16)}`;
  return { key, serverName, serverUrl: transport.url, isExecutorOwned };
}

/** Whether what is stored is as this package and releases of Codex store it. */
export function isStoredCredentials(value: unknown): value is StoredCredentials {
  if (typeof value !== "object" || value === null) return false;
  const entry = value as { readonly [Key in keyof StoredCredentials]?: unknown };
  const { server_name, server_url, client_id, access_token, scopes } = entry;
  return (
    [server_name, server_url, client_id, access_token].every((each) => typeof each === "string") &&
    [entry.issuer, entry.client_secret, entry.refresh_token].every(
      (each) => isAbsent(each) || typeof each === "string",
    ) &&
    (isAbsent(entry.expires_at) || typeof entry.expires_at === "number") &&
    (isAbsent(scopes) || (Array.isArray(scopes) && scopes.every((each) => typeof each === "string")))
  );
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
