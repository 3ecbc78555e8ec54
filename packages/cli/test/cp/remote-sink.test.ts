import { readFile, stat } from "node:fs/promises";
import type { Executor } from "@holdfast/exec-client";
import { pathUriFromNative } from "@holdfast/path-uri";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { openRemoteSink } from "../../src/cp/remote-sink.ts";
import { openEmbedded } from "../../src/executor/open-executor.ts";
import { everyByte } from "../support/cli.ts";

/** An executor that says less about itself than it could. */
function older({ environment, processes, fs }: Executor, pathConvention: "posix" | "windows"): Executor {
  const capabilities = { ...environment.capabilities, fileWriteStreaming: false };
  return { environment: { ...environment, capabilities, pathConvention }, processes, fs } as unknown as Executor;
}

describe("openRemoteSink", () => {
  test.each([
    ["in blocks", (executor: Executor) => executor],
    ["through sh", (executor: Executor) => older(executor, "posix")],
    ["in one message", (executor: Executor) => older(executor, "windows")],
  ])("writes every byte in order: %s", async (_, as) => {
    await using folder = await tempDir();
    await using opened = await openEmbedded({ env: process.env, cwd: folder.path });
    const bytes = everyByte(5_000_000);
    {
      await using sink = await openRemoteSink(as(opened.executor), pathUriFromNative(folder.join("file"), "posix"));
      for (let at = 0; at < bytes.length; at += 700_000) await sink.write(bytes.subarray(at, at + 700_000));
      await sink.end();
    }
    expect((await readFile(folder.join("file"))).equals(bytes)).toBe(true);
    // Nobody else may read what is not in place yet, where that can be said.
    if (_ === "through sh") expect((await stat(folder.join("file"))).mode & 0o077).toBe(0);
  });

  test.each([
    ["in blocks", (executor: Executor) => executor],
    ["through sh", (executor: Executor) => older(executor, "posix")],
  ])("says why a file can not be made: %s", async (_, as) => {
    await using folder = await tempDir();
    await using opened = await openEmbedded({ env: process.env, cwd: folder.path });
    const path = pathUriFromNative(folder.join("nosuch", "file"), "posix");
    await expect(openRemoteSink(as(opened.executor), path)).rejects.toThrow(/no such file|nonexistent/i);
  });

  test("refuses what does not fit into one message", async () => {
    await using folder = await tempDir();
    await using opened = await openEmbedded({ env: process.env, cwd: folder.path });
    const path = pathUriFromNative(folder.join("file"), "posix");
    await using sink = await openRemoteSink(older(opened.executor, "windows"), path);
    await expect(sink.write(new Uint8Array(12 * 1024 * 1024))).rejects.toThrow(/need a newer executor/);
  });
});
