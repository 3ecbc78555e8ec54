import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { tempDir } from "@holdfast/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { serve } from "../support/cli.ts";

const CLIENT = fileURLToPath(new URL("../../../../schemas/examples/python/", import.meta.url));
const DRIVER = fileURLToPath(new URL("drive-client.py", import.meta.url));

/** Without the packages of the machine: the example promises to need the standard library only. */
const ISOLATED = ["-E", "-s", "-S", "-B"];

async function python(...args: readonly string[]) {
  const child = spawn("python3", [...ISOLATED, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status, stdout, stderr };
}

describe("a client that is written from schemas/ alone, in Python", () => {
  beforeAll(() => {
    // Not skipped: without it nothing would show that the schemas are enough.
    const { status } = spawnSync("python3", ["--version"]);
    if (status !== 0)
      throw new Error("python3 is not on PATH; the test of schemas/ needs it: apt-get install python3-minimal");
  });

  test("runs a command, streams its output, writes and reads a file, and gets refusals", async () => {
    await using server = await serve();
    await using folder = await tempDir();
    const driven = await python(DRIVER, CLIENT, server.url, pathToFileURL(folder.path).href);
    expect(driven.stderr).toBe("");
    const { pieces, ...said } = JSON.parse(driven.stdout);
    expect(said).toEqual({
      session: true,
      code: 3,
      stdout: 300_004,
      stderr: "err\n",
      same: true,
      platform: process.platform === "darwin" ? "macos" : process.platform,
      missing: ["Refused", -32004, expect.stringMatching(/No such file or directory/)],
      native: ["Invalid", null, expect.stringMatching(/^params\.path does not match /)],
      incomplete: ["Invalid", null, "params.argv is missing"],
      unknown: ["Invalid", null, "process/restart is no method of clients"],
      foreign: ["Invalid", null, "process/output is no method of clients"],
    });
    expect(pieces).toBeGreaterThan(2);
    expect(readFileSync(join(folder.path, "file.bin"))).toHaveLength(256_000);
  });

  test("is a program too, which passes output through and ends as the command does", async () => {
    await using server = await serve();
    const run = await python(join(CLIENT, "client.py"), server.url, "/bin/sh", "-c", "echo out; echo err >&2; exit 7");
    expect(run).toEqual({ status: 7, stdout: "out\n", stderr: "err\n" });
  });
});
