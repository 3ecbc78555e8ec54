import { join } from "node:path";
import { ownFolder } from "./own-folder.ts";

/** What of this package is there to be run. In a checkout the rest is its sources, which may be worked on by confined commands. */
const PARTS = ["bin", "dist", "package.json"];

/**
 * What this program consists of on disk, beside its executor: the package, and the file that it was started by, which is the front
 * door of a checkout. A link in that place leads to the package.
 */
export function ownPlaces(): readonly string[] {
  const folder = ownFolder();
  return [...PARTS.map((part) => join(folder, part)), ...process.argv.slice(1, 2)];
}
