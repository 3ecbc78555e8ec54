import { isEnvironmentId } from "../tokens/index.ts";

/** What can be asked about an environment. */
export type EnvironmentCall = "register" | "connect" | "validate";

/** What a path of the service is about. `environmentId` is undefined where the path has one that none can have. */
export type ServicePath =
  | { readonly kind: "call"; readonly call: EnvironmentCall; readonly environmentId: string | undefined }
  | { readonly kind: "socket"; readonly environmentId: string | undefined }
  | { readonly kind: "metrics" }
  | { readonly kind: "unknown" };

const ABOUT_ENVIRONMENT = /^\/cloud\/environment\/([^/]*)\/(register|connect|validate|rendezvous)$/;

/**
 * Read a path.
 *
 * @param prefix - What the public URL has before it, without a slash at its end. A proxy may have taken it away.
 */
export function readServicePath(path: string, prefix: string): ServicePath {
  const own = prefix !== "" && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
  if (own === "/metrics") return { kind: "metrics" };
  const [, encoded, last] = ABOUT_ENVIRONMENT.exec(own) ?? [];
  if (encoded === undefined) return { kind: "unknown" };
  const environmentId = decodedId(encoded);
  if (last === "rendezvous") return { kind: "socket", environmentId };
  return last === "register" || last === "connect" || last === "validate"
    ? { kind: "call", call: last, environmentId }
    : { kind: "unknown" };
}

/** The path of an environment's sockets, below the base URL of the service. */
export function socketPath(environmentId: string): string {
  return `/cloud/environment/${encodeURIComponent(environmentId)}/rendezvous`;
}

function decodedId(encoded: string): string | undefined {
  try {
    const id = decodeURIComponent(encoded);
    return isEnvironmentId(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
