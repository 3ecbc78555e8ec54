import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";

const ROOT = 0;
/** What others than owner and group may do with it, and what the group may change. */
const EXPOSED = 0o027;
const RIGHTS = 0o777;

/**
 * What is in a file with a secret, as text without blanks around it. `unreadable`: why the system did not give it, `ENOENT` and the like, or that it
 * is no text. `exposed`: others may read or change it, and what helps.
 */
export type SecretFile =
  | { readonly kind: "secret"; readonly text: string }
  | { readonly kind: "empty" }
  | { readonly kind: "unreadable"; readonly code: string }
  | { readonly kind: "exposed"; readonly reason: string };

/** No name of a system's error: what is there is no UTF-8. */
export const NOT_TEXT = "NOT_TEXT";

/**
 * Read a secret out of a file of this user or root that nobody else may read or write.
 *
 * @param path - Absolute; a link to such a file will do.
 * @param maxBytes - Of a file that is longer nothing is read, and it is exposed as what it is not: a secret.
 */
export async function readSecretFile(path: string, maxBytes: number): Promise<SecretFile> {
  try {
    // A pipe in the place of the file must not be waited for.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (stats.isDirectory()) return { kind: "unreadable", code: "EISDIR" };
    const problem = problemOf(stats, path, maxBytes);
    if (problem !== undefined) return { kind: "exposed", reason: problem };
    const text = decoded(await file.readFile());
    if (text === undefined) return { kind: "unreadable", code: NOT_TEXT };
    return text === "" ? { kind: "empty" } : { kind: "secret", text };
  } catch (error) {
    return { kind: "unreadable", code: error instanceof Error && "code" in error ? String(error.code) : "EIO" };
  }
}

function problemOf(stats: Stats, path: string, maxBytes: number): string | undefined {
  if (!stats.isFile()) return "is no regular file";
  if (stats.size > maxBytes) return `has ${stats.size} bytes, more than the ${maxBytes} of any secret`;
  const uid = process.geteuid?.();
  if (uid === undefined) return undefined;
  if (stats.uid !== uid && stats.uid !== ROOT) return `belongs to user ${stats.uid}, not to you or root`;
  const mode = stats.mode & RIGHTS;
  if ((mode & EXPOSED) === 0) return undefined;
  return `may be read or changed by others (mode ${mode.toString(8)}): chmod 600 ${path}`;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    return undefined;
  }
}
