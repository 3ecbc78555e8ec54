import { mkdtemp, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { probeMachine } from "@holdfast/sandbox";
import type { TempDir } from "@holdfast/testkit";

const { means } = await probeMachine({ env: process.env, cwd: "/" });

/** Why commands can not be confined by bubblewrap here; undefined where they can. */
export const unconfinable =
  means.kind === "linux" ? undefined : means.kind === "unavailable" ? means.reason : "this is no Linux";

/** What a title says about tests that are left out. */
export const skipped = unconfinable === undefined ? "" : ` (skipped: ${unconfinable})`;

/** A temporary folder that the profiles do not grant writing to: neither in `/tmp` nor in `TMPDIR`. */
export async function ungrantedDir(): Promise<TempDir> {
  const path = await realpath(await mkdtemp("/var/tmp/holdfast-sandbox-"));
  return {
    path,
    join: (...segments) => join(path, ...segments),
    // Only ever the folder made above.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
