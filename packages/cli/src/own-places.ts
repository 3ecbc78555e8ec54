import { join } from "node:path";
import { madeProgramCache } from "./far-program/program-cache.ts";
import { ownFolder } from "./own-folder.ts";

/** What of this package is there to be run. In a checkout the rest is its sources, which may be worked on by confined commands. */
const PARTS = ["bin", "dist", "package.json"];

/**
 * What this program consists of on disk, beside its executor: the package, and the file that it was started by, which is the front
 * door of a checkout. A link in that place leads to the package. And what runs unconfined when somebody comes by ssh: that folder is made if it
 * is not there, so that no command makes one with a program of its own in it.
 */
export function ownPlaces(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const folder = ownFolder();
  return [...PARTS.map((part) => join(folder, part)), ...process.argv.slice(1, 2), madeProgramCache(env)];
}
