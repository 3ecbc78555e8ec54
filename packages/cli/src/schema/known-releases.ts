import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { UsageError } from "../command-line/failure.ts";
import { ownFolder } from "../own-folder.ts";
import type { ReleaseDocument } from "./diff/release-document.ts";

const SUFFIX = ".json.br";

/**
 * The schemas of a release that came with this program.
 *
 * @throws UsageError it is none of them.
 */
export function knownRelease(name: string): ReleaseDocument {
  const folder = join(ownFolder(), "dist/app-server-schemas");
  const known = readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
  if (!known.includes(name)) {
    throw new UsageError(`the schemas of release '${name}' are not here; known are ${known.join(", ")}`);
  }
  return JSON.parse(
    brotliDecompressSync(readFileSync(join(folder, name + SUFFIX))).toString("utf8"),
  ) as ReleaseDocument;
}
