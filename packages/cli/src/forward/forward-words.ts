import { UsageError } from "../command-line/failure.ts";

/** What listens, and where it leads, as somebody wrote it. */
export interface ForwardWords {
  /** A path of a unix socket, or a port on an address; the address is undefined where none is named. */
  readonly local: { readonly path: string } | { readonly host: string | undefined; readonly port: number };
  readonly remoteHost: string | undefined;
  readonly remotePort: number;
}

/** Between colons: an address in brackets, or anything without brackets. */
const PART = /^(?:\[[^[\]]*\]|[^[\]]*)$/;
const PORT_MAX = 65_535;

/**
 * Read `[[BIND:]LOCAL:[HOST:]]REMOTE`.
 *
 * @throws UsageError it is none.
 */
export function forwardWords(text: string): ForwardWords {
  const parts = partsOf(text);
  const [first = "", second = "", third = "", fourth = ""] = parts;
  const port = (part: string, min: number): number => portOf(part, min, text);
  const isPath = first.includes("/");
  if (parts.length === 1)
    return { local: { host: undefined, port: port(first, 1) }, remoteHost: undefined, remotePort: port(first, 1) };
  if (parts.length === 2 || (parts.length === 3 && first !== "")) {
    const local = isPath ? { path: first } : { host: undefined, port: port(first, 0) };
    const remote =
      parts.length === 2
        ? { remoteHost: undefined, remotePort: port(second, 1) }
        : { remoteHost: hostOf(second, text), remotePort: port(third, 1) };
    return { local, ...remote };
  }
  if (parts.length === 4 && !isPath) {
    return {
      local: { host: hostOf(first, text), port: port(second, 0) },
      remoteHost: hostOf(third, text),
      remotePort: port(fourth, 1),
    };
  }
  throw refused(text);
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
  if (host === "") throw refused(text);
  return host === "*" ? "::" : host;
}

function portOf(part: string, min: number, text: string): number {
  const port = /^\d{1,5}$/.test(part) ? Number(part) : Number.NaN;
  if (port >= min && port <= PORT_MAX) return port;
  throw new UsageError(`${JSON.stringify(part)} in '${text}' is no port: ${min} to ${PORT_MAX}`);
}

function refused(text: string): UsageError {
  return new UsageError(
    `'${text}' must be [[BIND:]LOCAL:[HOST:]]REMOTE, such as 8080:3000 or 0:db:5432; IPv6 addresses stand in brackets`,
  );
}
