import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { endChild, ownChild } from "../../owned.ts";
import { HOLDFAST_BIN } from "../../places.ts";
import type { Attack } from "../attack.ts";

/** Ids that no account has. */
const VICTIM = 48_123;
const STRANGER = 48_124;

async function as(uid: number, argv: readonly string[], cwd: string): Promise<string> {
  const drop = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--"];
  const child = ownChild(spawn("setpriv", [...drop, ...argv], { cwd, stdio: ["ignore", "pipe", "pipe"] }));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  await once(child, "close");
  await endChild(child);
  return said;
}

export const RECORDS: readonly Attack[] = [
  {
    id: "records.squatted",
    sentence: "another user who takes the place of our records does not keep anybody from confining commands",
    essential: false,
    needsRoot: true,
    async run({ playground }) {
      await chmod(playground.root, 0o755);
      const workspace = join(playground.root, "theirs");
      await mkdir(workspace);
      await chown(workspace, VICTIM, VICTIM);
      const taken = `/dev/shm/holdfast-targets-${VICTIM}`;
      await as(STRANGER, ["mkdir", taken], "/");
      try {
        const words = [process.execPath, HOLDFAST_BIN, "sandbox", "--", "/bin/echo", "confined"];
        const said = await as(VICTIM, ["env", `HOME=${workspace}`, ...words], workspace);
        assert.match(said, /^confined$/m, said);
      } finally {
        await rm(taken, { recursive: true, force: true });
      }
    },
  },
];
