import type { HttpRequestSpec } from "./request-spec.ts";

type PlainLine = readonly [name: string, value: string];

/**
 * They describe the connection, which is the executor's: the body leaves with its length, even if another was asked for, and without
 * waiting for a word of the server.
 */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set(["keep-alive", "transfer-encoding", "upgrade", "expect"]);

/**
 * The headers of a request as the library takes them.
 *
 * @param cookie - For a request that brings no cookies of its own.
 */
export function outgoingHeaders(request: HttpRequestSpec, cookie: string | undefined): readonly PlainLine[] {
  const names = new Set(request.headers.map(([name]) => name));
  const isRightLength = tellsItsLength(request);
  const lines = request.headers
    .filter(([name]) => !(OF_THE_CONNECTION.has(name) || (name === "content-length" && isRightLength)))
    .map(([name, value]): PlainLine => [name, value]);
  if (!names.has("accept")) lines.push(["accept", "*/*"]);
  if (cookie !== undefined && !names.has("cookie")) lines.push(["cookie", cookie]);
  return lines;
}

/** The library writes the right length by itself, once. A wrong one it refuses. */
function tellsItsLength({ headers, body }: HttpRequestSpec): boolean {
  const length = String(body?.length ?? 0);
  return headers.every(([name, value]) => name !== "content-length" || value === length);
}

/** For a proxy, the library takes names once only, each with all its values. */
export function byName(lines: readonly PlainLine[]): Record<string, string | string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of lines) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? "") : all]));
}
