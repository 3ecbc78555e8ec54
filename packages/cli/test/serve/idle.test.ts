import { readFile } from "node:fs/promises";
import { connect } from "@holdfast/exec-client";
import { expect, test } from "vitest";
import { serve } from "../support/cli.ts";

/** What of native code a program has in its memory. */
async function nativeParts(pid: number | undefined): Promise<readonly string[]> {
  const maps = await readFile(`/proc/${pid}/maps`, "utf8");
  return [...new Set(maps.match(/[\w-]+\.node$/gm))];
}

test.runIf(process.platform === "linux")(
  "an executor without a client has not loaded what only clients need",
  async () => {
    await using server = await serve({ isLookedInto: true });
    expect(await nativeParts(server.child.pid)).not.toContain("koffi.node");
    await using executor = await connect(server.url);
    await executor.run(["true"]);
    expect(await nativeParts(server.child.pid)).toContain("koffi.node");
  },
);
