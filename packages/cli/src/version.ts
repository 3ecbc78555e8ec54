import { createRequire } from "node:module";

/** The release of this package. */
export function version(): string {
  const manifest: unknown = createRequire(import.meta.url)("holdfast/package.json");
  return (manifest as { readonly version: string }).version;
}
