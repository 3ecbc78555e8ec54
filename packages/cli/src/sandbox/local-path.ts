import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { reasonOf, UsageError } from "../command-line/failure.ts";

/** An absolute path of this machine. @throws UsageError it is empty or has a NUL. */
export function localPath(what: string, text: string, base: string): string {
  if (text === "") throw new UsageError(`${what} must not be empty`);
  if (text.includes("\0")) throw new UsageError(`${what} must not contain a NUL`);
  return resolve(base, text);
}

/** The path, which is that of a folder. @throws UsageError it is not. */
export async function existingFolder(what: string, path: string): Promise<string> {
  const stats = await stat(path).catch((error: unknown) => {
    throw new UsageError(`${what}: ${reasonOf(error)}`, { cause: error });
  });
  if (!stats.isDirectory()) throw new UsageError(`${what}: ${path} is no folder`);
  return path;
}
