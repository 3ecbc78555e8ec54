import { randomUUID } from "node:crypto";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** For the owner alone: there may be a secret in it. */
const OWN = 0o600;
const RIGHTS = 0o777;

/** How a file is replaced. */
export interface TextFileReplacement {
  /** What it was when the new text was made. Undefined: it was not there. */
  readonly before: string | undefined;
  readonly text: string;
  /** Rights that it does not have from then on. Default: none. */
  readonly withoutRights?: number | undefined;
  /** Reads it as it is now. */
  readonly read: () => Promise<string | undefined>;
}

/**
 * Put a text in the place of a file, unless that has changed meanwhile. A reader finds it as it was or as it is to be. Of a link, what it leads to is replaced.
 *
 * @returns Whether it was.
 * @throws The error of the system.
 */
export async function replaceTextFile(
  path: string,
  { before, text, withoutRights = 0, read }: TextFileReplacement,
): Promise<boolean> {
  const target = before === undefined ? path : await realpath(path);
  const mode = before === undefined ? OWN : (await stat(target)).mode & RIGHTS;
  const aside = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await using file = await open(aside, "wx", OWN);
    await file.writeFile(text);
    await file.chmod(mode & ~withoutRights);
    await file.sync();
    if ((await read()) !== before) return false;
    await rename(aside, target);
    return true;
  } finally {
    await rm(aside, { force: true });
  }
}
