import { rm, writeFile } from "node:fs/promises";
import { connect, type WatchEvent } from "@holdfast/exec-client";
import { BadLine, tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { sharedServer } from "../support/shared-server.ts";

/** A folder, and a client of the program that serves all cases here, over a line that can be cut. */
async function served() {
  const folder = await tempDir();
  const server = await sharedServer();
  const line = await BadLine.to(server.url);
  const executor = await connect(line.url, { recovery: { retryIntervalMs: 10 } });
  return {
    folder,
    line,
    executor,
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await line[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Reads on until an event is there; what came before it is not looked at. */
async function reads(watch: AsyncIterator<WatchEvent>, wanted: (event: WatchEvent) => boolean): Promise<WatchEvent> {
  for (;;) {
    const { value } = await watch.next();
    if (value === undefined) throw new Error("the watch is over");
    if (wanted(value)) return value;
  }
}

function isAbout(path: string) {
  return (event: WatchEvent) => event.type !== "overflow" && event.path === path;
}

describe.skipIf(process.platform !== "linux")("a watch", () => {
  test("goes on after its connection was lost, and says that something may be missing", async () => {
    await using there = await served();
    const { folder, line, executor } = there;
    await using watch = executor.fs.watch(folder.path);
    await watch.ready;
    await writeFile(folder.join("before"), "");
    expect(await reads(watch, isAbout(folder.join("before")))).toMatchObject({ type: "created" });
    await line.cut();
    await reads(watch, ({ type }) => type === "overflow");
    await writeFile(folder.join("after"), "");
    expect(await reads(watch, isAbout(folder.join("after")))).toMatchObject({ type: "created" });
  });

  test("ends with the signal, by the reason of the signal, for whoever waits", async () => {
    await using there = await served();
    const { folder, executor } = there;
    const giveUp = new AbortController();
    const watch = executor.fs.watch(folder.path, { signal: giveUp.signal });
    await watch.ready;
    const reason = new Error("enough");
    const next = watch.next();
    giveUp.abort(reason);
    await expect(next).rejects.toMatchObject({ name: "AbortError", cause: reason });
    expect(await watch.next()).toEqual({ done: true, value: undefined });
    await expect(executor.fs.watch(folder.path, { signal: giveUp.signal }).ready).rejects.toThrow();
  });

  test("ends with what it watches, and with the loop that reads it", async () => {
    await using there = await served();
    const { folder, executor } = there;
    await writeFile(folder.join("f"), "");
    const watch = executor.fs.watch(folder.path, { recursive: true });
    await watch.ready;
    await writeFile(folder.join("f"), "more");
    for await (const event of watch) {
      expect(event).toMatchObject({ type: "changed", path: folder.join("f"), uri: `file://${folder.join("f")}` });
      break;
    }
    expect(await watch.next()).toEqual({ done: true, value: undefined });
    const last = executor.fs.watch(folder.path);
    await last.ready;
    await rm(folder.path, { recursive: true });
    const types: string[] = [];
    for await (const { type } of last) types.push(type);
    expect(types.at(-1)).toBe("removed");
  });

  test("fails with its session", async () => {
    await using there = await served();
    const { folder, executor } = there;
    const watch = executor.fs.watch(folder.path);
    await watch.ready;
    const next = watch.next();
    await executor.close();
    await expect(next).rejects.toMatchObject({ name: "LinkError" });
  });
});
