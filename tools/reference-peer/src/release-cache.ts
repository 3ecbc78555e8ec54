import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY_ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Where downloaded releases lie; one folder per release. `HOLDFAST_CODEX_CACHE` names another place. */
export function releaseCache(): string {
  return process.env.HOLDFAST_CODEX_CACHE ?? join(REPOSITORY_ROOT, ".cache", "codex");
}
