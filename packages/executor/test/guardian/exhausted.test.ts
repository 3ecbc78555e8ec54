import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { until } from "@holdfast/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isRunning } from "./host-process.ts";

const PROGRAM = fileURLToPath(new URL("./exhausted.ts", import.meta.url));
const FEW_DESCRIPTORS = 'ulimit -n 200; exec "$@"';

describe.skipIf(process.platform !== "linux")("a process that has no descriptor left for a while", () => {
  let child: ChildProcessByStdio<Writable, Readable, null>;
  let report: { readonly pids: readonly number[]; readonly holder: string; readonly seemsGone: boolean };

  beforeEach(async () => {
    child = spawn("sh", ["-c", FEW_DESCRIPTORS, "sh", process.execPath, PROGRAM], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [line] = await Promise.race([once(child.stdout, "data"), once(child, "exit").then(() => ["{}"])]);
    report = JSON.parse(String(line));
  });

  afterEach(async () => {
    const ended = child.exitCode === null ? once(child, "exit") : undefined;
    child.stdin.end();
    await ended;
  });

  test("ends the descendants that it was to end all the same", async () => {
    expect(report.pids).toHaveLength(12);
    await until(() => !report.pids.some(isRunning));
    expect(child.exitCode, "nothing ended the process itself").toBeNull();
  });

  test("takes what it can not see of others for no answer", () => {
    expect(report.holder).toBe("EMFILE");
  });

  test("takes a process that it can not see for none that has ended", () => {
    expect(report.seemsGone).toBe(false);
  });
});
