import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const HOST = fileURLToPath(new URL("./orphan-host.ts", import.meta.url));

test.runIf(process.platform === "linux")(
  "orphans are collected, and nobody's child is, however long the process heard of nothing",
  { timeout: 30_000 },
  () => {
    const { stdout, stderr } = spawnSync(process.execPath, [HOST], { encoding: "utf8" });
    expect(stderr).toBe("");
    const { adopted, codes } = JSON.parse(stdout);
    expect(adopted).toBeGreaterThanOrEqual(30);
    const each = Array.from({ length: 30 }, (_, number) => number);
    expect(codes).toEqual([...each, ...each]);
  },
);
