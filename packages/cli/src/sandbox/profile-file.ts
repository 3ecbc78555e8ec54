import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type ParsedPermissionProfile, parseStoredPermissionProfile } from "@holdfast/permission-profile";
import { reasonOf, UsageError } from "../command-line/failure.ts";

/**
 * Read a permission profile from a file. Its literal paths are absolute native text or `file:` URIs.
 *
 * @throws UsageError the name is none of a file, it can not be read, or what is in it is no profile.
 */
export async function readProfile(name: string, base: string): Promise<ParsedPermissionProfile> {
  if (!/\.json$|\//.test(name)) {
    throw new UsageError(`--profile must be read-only, workspace-write, none or a FILE.json, not '${name}'`);
  }
  const text = await attempt(name, () => readFile(resolve(base, name), "utf8"));
  const value = await attempt(`${name} is no JSON`, async (): Promise<unknown> => JSON.parse(text));
  return attempt(`${name} is no permission profile`, async () =>
    parseStoredPermissionProfile(value, { convention: "posix" }),
  );
}

async function attempt<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw new UsageError(`--profile: ${what}: ${reasonOf(error)}`, { cause: error });
  }
}
