import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "./own-folder.ts";

/** The release of this package. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(ownFolder(), "package.json"), "utf8"));
  return (manifest as { readonly version: string }).version;
}
