import { UsageError } from "../command-line/failure.ts";

/** A path of a unix socket, or a port on a host; the host is undefined where none is named. */
export type Place = { readonly path: string } | { readonly host: string | undefined; readonly port: number };

/** What listens, and where it leads, as somebody wrote it. */
export interface ForwardWords {
  readonly listen: Place;
  readonly to: Place;
}

/** Between colons: an address in brackets, or anything without brackets. */
const PART = /^(?:\[[^[\]]*\]|[^[\]]*)$/;
const PORT_MAX = 65_535;

/**
 * Read `[[BIND:]LISTEN:[HOST:]]TO`, where a path of a unix socket may stand for either side.
 *
 * @throws UsageError it is none.
 */
export function forwardWords(text: string): ForwardWords {
  const parts = partsOf(text);
  const [only = ""] = parts;
  if (parts.length === 1) {
    if (isPath(only)) throw new UsageError(`'${text}' must say where to listen, such as 8080:${text}`);
    const place = { host: undefined, port: portOf(only, 1, text) };
    return { listen: place, to: place };
  }
  const hasHost = parts.length > 2 && !isPath(parts.at(-1) ?? "");
  const at = parts.length - (hasHost ? 2 : 1);
  return { listen: listenPlace(parts.slice(0, at), text), to: target(parts.slice(at), text) };
}

function listenPlace(parts: readonly string[], text: string): Place {
  const [first = "", second] = parts;
  if (parts.length > 2) throw refused(text);
  if (isPath(first)) {
    if (second !== undefined) throw refused(text);
    return { path: first };
  }
  if (second === undefined) return { host: undefined, port: portOf(first, 0, text) };
  return { host: hostOf(first, text), port: portOf(second, 0, text) };
}

function target(parts: readonly string[], text: string): Place {
  const [first = "", second] = parts;
  if (second !== undefined) return { host: hostOf(first, text), port: portOf(second, 1, text) };
  return isPath(first) ? { path: first } : { host: undefined, port: portOf(first, 1, text) };
}

function isPath(part: string): boolean {
  return part.includes("/");
}

function partsOf(text: string): readonly string[] {
  const parts = [""];
  let isBracketed = false;
  for (const character of text) {
    if (character === "[" || character === "]") isBracketed = character === "[";
    if (character === ":" && !isBracketed) parts.push("");
    else parts.push(`${parts.pop()}${character}`);
  }
  if (!parts.every((part) => PART.test(part))) throw refused(text);
  return parts;
}

function hostOf(part: string, text: string): string {
  const host = part.startsWith("[") ? part.slice(1, -1) : part;
  if (host === "" || isPath(host)) throw refused(text);
  return host === "*" ? "::" : host;
}

function portOf(part: string, min: number, text: string): number {
  const port = /^\d{1,5}$/.test(part) ? Number(part) : Number.NaN;
  if (port >= min && port <= PORT_MAX) return port;
  throw new UsageError(`${JSON.stringify(part)} in '${text}' is no port: ${min} to ${PORT_MAX}`);
}

function refused(text: string): UsageError {
  return new UsageError(
    `'${text}' must be [[BIND:]LOCAL:[HOST:]]REMOTE, such as 8080:3000, 0:db:5432 or 2375:/run/docker.sock; IPv6 addresses stand in brackets`,
  );
}
