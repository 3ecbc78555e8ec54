import { createRequire } from "node:module";
import { dirname } from "node:path";

/** The folder of this package, without links: its manifest, the program and its parts are in it. */
export function ownFolder(): string {
  return dirname(createRequire(import.meta.url).resolve("holdfast/package.json"));
}
