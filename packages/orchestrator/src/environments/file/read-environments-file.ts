import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { ENVIRONMENTS_FILE_MAX_BYTES } from "../limits.ts";
import { type EnvironmentsFile, EnvironmentsFileError, parseEnvironmentsFile } from "./environments-file.ts";

const NON_BLOCKING = constants.O_RDONLY | constants.O_NONBLOCK;
/** Whoever may write it decides which programs run as this user. */
const OTHERS_MAY_WRITE = 0o002;

/**
 * Read an `environments.toml`.
 *
 * @param path - Absolute. Relative paths in it are relative to its folder.
 * @returns undefined: there is no such file.
 * @throws EnvironmentsFileError - It can not be read, others may write it, it is longer than 1 MiB, or something in it is refused.
 */
export async function readEnvironmentsFile(path: string): Promise<EnvironmentsFile | undefined> {
  const text = await readEnvironmentsText(path);
  return text === undefined ? undefined : parseEnvironmentsFile(text, { file: path, folder: dirname(path) });
}

/** Its text alone. @throws EnvironmentsFileError */
export async function readEnvironmentsText(path: string): Promise<string | undefined> {
  try {
    // Not to wait for a pipe in its place.
    await using file = await open(path, NON_BLOCKING);
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error("it is no file");
    if (stats.size > ENVIRONMENTS_FILE_MAX_BYTES) {
      throw new Error(`it has more than ${ENVIRONMENTS_FILE_MAX_BYTES} bytes`);
    }
    if ((stats.mode & OTHERS_MAY_WRITE) !== 0) {
      throw new Error("every user may write it, and so decide what runs as you: chmod o-w it first");
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.readFile());
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    const what = isInspection(error) ? "inspect" : "read";
    throw new EnvironmentsFileError(`failed to ${what} environment config \`${path}\`: ${reason}`, {
      file: path,
      cause: error,
    });
  }
}

/** Whether it is not even known if it is there. */
function isInspection(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOTDIR" || code === "ELOOP" || code === "ENAMETOOLONG";
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
