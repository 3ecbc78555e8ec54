import { mkdir, mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownFolder } from "./owned.ts";

/** Of this checkout. */
export const REPO_ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Parent of the scratch homes. */
export const CODEX_HOMES = join(REPO_ROOT, ".cache", "codex-home");

/** Entry of our own command line. */
export const HOLDFAST_BIN = join(REPO_ROOT, "packages", "cli", "bin", "holdfast.mjs");

/** Root of the recorded and hand-written messages of the exec-server API. */
export const CORPUS_ROOT = join(REPO_ROOT, "schemas", "exec-server", "fixtures");

/** The same of this project's extension of it. */
export const EXTENSION_CORPUS_ROOT = join(REPO_ROOT, "schemas", "holdfast", "fixtures");

/** A folder of our own below the system's temporary folder, gone when disposed. Symlinks in its name are resolved. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  return ownFolder(await mkdtemp(join(await realpath(tmpdir()), "holdfast-conformance-")));
}

/**
 * A scratch home for one run of a release. Not below the system's temporary folder: releases refuse to place
 * their helper programs there.
 */
export async function scratchCodexHome(): Promise<AsyncDisposable & { readonly path: string }> {
  await mkdir(CODEX_HOMES, { recursive: true });
  return ownFolder(await mkdtemp(join(CODEX_HOMES, "run-")));
}
