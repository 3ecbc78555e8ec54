import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const HOST = fileURLToPath(new URL("./left-signals-host.ts", import.meta.url));

test.runIf(process.platform === "linux").each([
  ["left", [null, "SIGTERM"]],
  ["taken back", [7, null]],
  ["sent before", [7, null]],
])(
  "a signal that a program handles is heard by it, or ends it, and is never lost: %s",
  { timeout: 30_000 },
  async (what, outcome) => {
    const child = spawn(process.execPath, [HOST, what], { stdio: ["ignore", "pipe", "inherit"], timeout: 20_000 });
    child.stdout.once("data", () => child.kill("SIGTERM"));
    expect(await once(child, "exit")).toEqual(outcome);
  },
);
