import { LIMITS } from "@holdfast/exec-server-protocol";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/index.ts";
import { Line } from "./line.ts";

describe("the limits that schemas/ says are ours", () => {
  test("are those that an executor has unless told otherwise", () => {
    expect(DEFAULT_LIMITS).toMatchObject({
      maxRetainedBytes: LIMITS.RETAINED_OUTPUT_MAX_BYTES.holdfast,
      maxRetainedChunks: LIMITS.RETAINED_OUTPUT_MAX_CHUNKS.holdfast,
      maxRememberedWriteIds: LIMITS.REMEMBERED_WRITE_IDS.holdfast,
      maxQueuedWrites: LIMITS.STDIN_QUEUE_MAX_WRITES.holdfast,
      detachedSessionTtlMs: LIMITS.DETACHED_SESSION_TTL_MS.holdfast,
      closedRetentionMs: LIMITS.CLOSED_PROCESS_RETENTION_MS.holdfast,
    });
  });

  test("keep a session and a closed process for as long as clients of the reference count on", () => {
    for (const { reference, holdfast } of [LIMITS.DETACHED_SESSION_TTL_MS, LIMITS.CLOSED_PROCESS_RETENTION_MS]) {
      expect(holdfast).toBeGreaterThanOrEqual(reference);
    }
  });

  test.each([false, true])("hold for the pieces of output, behind a terminal: %s", async (tty) => {
    await using line = await Line.ready();
    await line.run("p", ["head", "-c", "4000000", "/dev/zero"], { tty });
    const pieces = line.of("p").filter(({ method }) => method === "process/output");
    const sizes = pieces.map(({ params }) => Buffer.from(String(params.chunk), "base64").length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(4_000_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LIMITS.OUTPUT_CHUNK_MAX_BYTES.holdfast);
  });

  test("hold for the handles of one connection", async () => {
    await using line = await Line.ready();
    const open = (index: number) =>
      line.call("fs/open", { handleId: `h${index}`, path: "file:///proc/self/status", mode: "read" });
    const most = LIMITS.FILE_HANDLES_MAX.holdfast;
    await Promise.all(Array.from({ length: most }, (_, index) => open(index)));
    await expect(open(most)).rejects.toMatchObject({ code: -32600 });
  });

  test("hold for the folders of a walk", async () => {
    await using line = await Line.ready();
    const walk = (maxDepth: number) =>
      line.call("fs/walk", {
        path: "file:///proc/self/fd",
        options: { maxDepth, maxDirectories: 1, maxEntries: 1, followDirectorySymlinks: false },
      });
    await expect(walk(LIMITS.WALK_MAX_DEPTH.holdfast)).resolves.toBeDefined();
    await expect(walk(LIMITS.WALK_MAX_DEPTH.holdfast + 1)).rejects.toMatchObject({ code: -32600 });
  });
});
