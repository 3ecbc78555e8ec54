import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { underFileLock } from "@holdfast/rpc/file-lock";
import { replaceTextFile } from "../../config/replace-text-file.ts";
import { EnvironmentsFileError, parseEnvironmentsFile } from "./environments-file.ts";
import { type NewEnvironment, withDefault, withEnvironment } from "./environments-text.ts";
import { readEnvironmentsText } from "./read-environments-file.ts";

/** For who reads a file with a secret in it besides its owner. */
const OTHERS = 0o077;
/** Who writes the file by other means may have done so meanwhile, as often. */
const ATTEMPTS = 8;

export interface AddEnvironmentOptions {
  /** Whether it becomes the default. Default false. */
  readonly isDefault?: boolean | undefined;
}

/**
 * Add an environment to an `environments.toml`, which is made if it is not there. Comments and order stay; a reader finds the file as it was or as it is to be, never
 * anything between; who adds at the same time waits. With a secret in it, it is for its owner alone from then on.
 *
 * @param path - Absolute. Of a link, what it leads to is written.
 * @throws EnvironmentsFileError - What is there is refused, or what it would be: an id that is taken, say. Nothing is written. @throws The error of the system.
 */
export async function addEnvironment(
  path: string,
  environment: NewEnvironment,
  { isDefault = false }: AddEnvironmentOptions = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await underFileLock(join(dirname(path), `.${basename(path)}.lock`), {}, () => add(path, environment, isDefault));
}

async function add(path: string, environment: NewEnvironment, isDefault: boolean): Promise<void> {
  const place = { file: path, folder: dirname(path) };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = await readEnvironmentsText(path);
    const added = withEnvironment(checked(before ?? "", place), environment);
    const text = checked(isDefault ? withDefault(added, environment.id) : added, place);
    const withoutRights = environment.bearerToken === undefined ? 0 : OTHERS;
    if (await replaceTextFile(path, { before, text, withoutRights, read: () => readEnvironmentsText(path) })) return;
  }
  throw new EnvironmentsFileError(`failed to write environment config \`${path}\`: others keep changing it`, place);
}

function checked(text: string, place: { readonly file: string; readonly folder: string }): string {
  parseEnvironmentsFile(text, place);
  return text;
}
