import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that exists until it is disposed of. */
export interface TempDir extends AsyncDisposable {
  /** Absolute, free of symbolic links. */
  readonly path: string;
  /** A path inside the folder. */
  join(...segments: string[]): string;
}

/** Make an empty folder in the system's temporary folder: `await using dir = await tempDir()`. */
export async function tempDir(prefix = "holdfast-"): Promise<TempDir> {
  const path = await realpath(await mkdtemp(join(tmpdir(), prefix)));
  return {
    path,
    join: (...segments) => join(path, ...segments),
    // Only ever the folder made above.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
