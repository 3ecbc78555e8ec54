import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { FakeClock, type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { minimalWrite, workspaceWrite } from "../confinement/sandbox.ts";
import { Line } from "./line.ts";

const WINDOW_MS = 50;

interface WireEvent {
  readonly type: string;
  readonly path?: string;
  readonly from?: string;
}

function uri(folder: TempDir, ...names: string[]): string {
  return `file://${folder.join(...names)}`;
}

function refusal(code: number, message: unknown) {
  return expect.objectContaining({ name: "RemoteError", code, message });
}

/** A folder, an executor whose clock only the test moves, and what its client was told. */
async function scene() {
  const folder = await tempDir();
  const clock = new FakeClock();
  let line = await Line.ready({ clock });
  const { executor, sessionId } = line;
  let heard = 0;
  const short = (path: string) => path.slice(`file://${folder.path}`.length);
  const all = (watchId: string) =>
    line.notices
      .filter(({ method, params }) => method === "holdfast/watchEvents" && params.watchId === watchId)
      .flatMap(({ params }) => [
        ...(params.events as WireEvent[]).map(({ type, path, from }) =>
          [type, ...(path === undefined ? [] : [short(path)]), ...(from === undefined ? [] : [short(from)])].join(" "),
        ),
        ...(params.end === undefined ? [] : [`end ${String(params.end)}`]),
      ]);
  return {
    folder,
    clock,
    executor,
    get line() {
      return line;
    },
    watch: (more: object = {}) => line.call("holdfast/watch", { watchId: "w", path: uri(folder), ...more }),
    /** Wait for what is told from here on; more than is expected fails as well. */
    async hears(...events: readonly string[]) {
      await until(async () => {
        await clock.advance(WINDOW_MS);
        return all("w").length >= heard + events.length;
      });
      expect(all("w").slice(heard)).toEqual(events);
      heard += events.length;
    },
    /** Let what can be told be told. */
    async passes() {
      for (let n = 0; n < 4; n += 1) {
        await clock.advance(WINDOW_MS);
        await line.call("environment/status");
      }
      expect(all("w").slice(heard)).toEqual([]);
    },
    all,
    async resume() {
      await line.hangUp();
      line = await Line.resume(executor, sessionId);
      heard = 0;
    },
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function queues(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(join("/proc/self/fd", fd)) === "anon_inode:inotify";
    } catch {
      return false;
    }
  }).length;
}

describe.skipIf(process.platform !== "linux")("a watch", () => {
  test("tells nothing of the names under which an executor writes, however long it takes, and all of what they become", async () => {
    await using there = await scene();
    const { folder } = there;
    const fresh = (digit: string): string => `.holdfast-${digit.repeat(24)}`;
    const [file, tree, aside] = [fresh("a"), fresh("b"), fresh("c")];
    writeFileSync(folder.join("old"), "old");
    await there.watch({ recursive: true });
    writeFileSync(folder.join(file), "1");
    mkdirSync(folder.join(tree, "d"), { recursive: true });
    writeFileSync(folder.join(tree, "d", "inner"), "2");
    renameSync(folder.join("old"), folder.join(aside));
    await there.hears("removed /old");
    appendFileSync(folder.join(file), "3");
    await there.passes();
    renameSync(folder.join(file), folder.join("new"));
    await there.hears("created /new");
    renameSync(folder.join(tree), folder.join("tree"));
    await there.hears("created /tree", "created /tree/d", "created /tree/d/inner");
    appendFileSync(folder.join("tree", "d", "inner"), "4");
    await there.hears("changed /tree/d/inner");
    rmSync(folder.join(aside));
    await there.passes();
  });

  test("tells what comes, changes and goes, once for each path, and nothing of what passed by", async () => {
    await using there = await scene();
    const { folder, line } = there;
    expect((await line.call("environment/info")).capabilities).toMatchObject({ holdfastWatch: true });
    writeFileSync(folder.join("old"), "old");
    mkdirSync(folder.join("d"));
    await there.watch();
    writeFileSync(folder.join("new"), "1");
    for (let n = 0; n < 100; n += 1) appendFileSync(folder.join("old"), "more");
    writeFileSync(folder.join("passing"), "");
    rmSync(folder.join("passing"));
    symlinkSync("nowhere", folder.join("li\nnk"));
    await there.hears("created /new", "changed /old", "created /li%0Ank");
    writeFileSync(folder.join("d", "unseen"), "");
    await there.passes();
    chmodSync(folder.join("old"), 0o600);
    rmSync(folder.join("new"));
    await there.hears("changed /old", "removed /new");
    rmSync(folder.join("old"));
    writeFileSync(folder.join("old"), "another");
    await there.hears("changed /old");
  });

  test("tells a rename as one, also by way of other names, and half of one as what it is", async () => {
    await using there = await scene();
    const { folder } = there;
    await using outside = await tempDir();
    for (const name of ["a", "b", "c", "x"]) writeFileSync(folder.join(name), name);
    await there.watch();
    renameSync(folder.join("a"), folder.join("a1"));
    renameSync(folder.join("a1"), folder.join("a2"));
    renameSync(folder.join("b"), folder.join("b1"));
    rmSync(folder.join("b1"));
    writeFileSync(folder.join("tmp"), "");
    renameSync(folder.join("tmp"), folder.join("c"));
    await there.hears("renamed /a2 /a", "removed /b", "created /c");
    renameSync(folder.join("x"), outside.join("x"));
    await there.hears("removed /x");
    renameSync(outside.join("x"), folder.join("y"));
    await there.hears("created /y");
  });

  test("follows folders as they come, go and move, with what was in them", async () => {
    await using there = await scene();
    const { folder } = there;
    await using outside = await tempDir();
    mkdirSync(folder.join("a", "deep"), { recursive: true });
    mkdirSync(outside.join("full", "in"), { recursive: true });
    writeFileSync(outside.join("full", "in", "f"), "");
    await there.watch({ recursive: true });
    writeFileSync(folder.join("a", "deep", "f"), "");
    await there.hears("created /a/deep/f");
    mkdirSync(folder.join("new", "sub"), { recursive: true });
    writeFileSync(folder.join("new", "sub", "f"), "");
    await there.hears("created /new", "created /new/sub", "created /new/sub/f");
    appendFileSync(folder.join("new", "sub", "f"), "x");
    await there.hears("changed /new/sub/f");
    renameSync(folder.join("a"), folder.join("new", "a"));
    await there.hears("renamed /new/a /a");
    writeFileSync(folder.join("new", "a", "deep", "g"), "");
    await there.hears("created /new/a/deep/g");
    renameSync(folder.join("new", "a"), outside.join("a"));
    await there.hears("removed /new/a");
    writeFileSync(outside.join("a", "deep", "h"), "");
    await there.passes();
    renameSync(outside.join("full"), folder.join("full"));
    await there.hears("created /full", "created /full/in", "created /full/in/f");
    appendFileSync(folder.join("full", "in", "f"), "x");
    await there.hears("changed /full/in/f");
  });

  test("is not led in a circle where a folder lies below its own child by the time that it is looked at", async () => {
    await using there = await scene();
    const { folder } = there;
    mkdirSync(folder.join("a", "b"), { recursive: true });
    await there.watch({ recursive: true });
    // What the path of the new folder leads to is, when its turn comes, the folder that all of it was in.
    mkdirSync(folder.join("a", "b", "c"));
    rmSync(folder.join("a", "b", "c"), { recursive: true });
    renameSync(folder.join("a", "b"), folder.join("b"));
    renameSync(folder.join("a"), folder.join("b", "c"));
    mkdirSync(folder.join("a"));
    renameSync(folder.join("b"), folder.join("a", "b"));
    await until(async () => {
      await there.clock.advance(WINDOW_MS);
      return there.all("w").length > 0;
    });
    writeFileSync(folder.join("a", "b", "c", "f"), "");
    await until(async () => {
      await there.clock.advance(WINDOW_MS);
      return there.all("w").includes("created /a/b/c/f");
    });
  });

  test("does not go through links, but for the path that it is told", async () => {
    await using there = await scene();
    const { folder } = there;
    await using outside = await tempDir();
    mkdirSync(folder.join("real"));
    symlinkSync("real", folder.join("alias"));
    symlinkSync(outside.path, folder.join("real", "out"));
    symlinkSync(".", folder.join("real", "loop"));
    await there.watch({ path: uri(folder, "alias"), recursive: true });
    writeFileSync(outside.join("unseen"), "");
    writeFileSync(folder.join("real", "seen"), "");
    await there.hears("created /alias/seen");
  });

  test("of a file goes by its name, whatever takes it, and hears nothing of its neighbours", async () => {
    await using there = await scene();
    const { folder } = there;
    writeFileSync(folder.join("f"), "1");
    await there.watch({ path: uri(folder, "f") });
    writeFileSync(folder.join("neighbour"), "");
    appendFileSync(folder.join("f"), "2");
    await there.hears("changed /f");
    writeFileSync(folder.join("tmp"), "");
    renameSync(folder.join("tmp"), folder.join("f"));
    await there.hears("created /f");
    rmSync(folder.join("f"));
    await there.hears("removed /f");
    writeFileSync(folder.join("f"), "again");
    await there.hears("created /f");
  });

  test("says that events were lost when there were too many, and goes on with what came meanwhile", async () => {
    await using there = await scene();
    const { folder } = there;
    mkdirSync(folder.join("d"));
    for (const name of ["a", "b"]) writeFileSync(folder.join(name), "");
    await there.watch({ recursive: true });
    const queue = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
    // Two of a kind in a row would be one.
    for (let n = 0; n < Math.max(100_000, 2 * queue); n += 1) utimesSync(folder.join(n % 2 === 0 ? "a" : "b"), n, n);
    mkdirSync(folder.join("d", "late"));
    await there.hears("overflow");
    writeFileSync(folder.join("d", "late", "f"), "");
    await there.hears("created /d/late/f");
  });

  test("tells at most 8,192 paths at a time, in notices that a peer takes", async () => {
    await using there = await scene();
    const { folder, line } = there;
    await there.watch();
    for (let n = 0; n < 3_000; n += 1) writeFileSync(folder.join(`${"n".repeat(200)}${n}`), "");
    await until(async () => {
      await there.clock.advance(WINDOW_MS);
      return there.all("w").length === 3_000;
    });
    const notices = line.notices.filter(({ method }) => method === "holdfast/watchEvents");
    const sizes = notices.map((notice) => JSON.stringify(notice).length);
    expect(Math.max(...sizes)).toBeLessThan(1_900_000);
    expect(Math.max(...notices.map(({ params }) => (params.events as []).length))).toBeLessThanOrEqual(1_024);
  });

  test("is over with what it watches, and with its end everything of it is gone", async () => {
    const before = queues();
    await using there = await scene();
    const { folder, line } = there;
    mkdirSync(folder.join("gone"));
    await there.watch({ path: uri(folder, "gone") });
    expect(queues()).toBe(before + 1);
    rmSync(folder.join("gone"), { recursive: true });
    await there.hears("removed /gone", "end removed");
    expect(queues()).toBe(before);
    await there.watch();
    await line.call("holdfast/unwatch", { watchId: "w" });
    await line.call("holdfast/unwatch", { watchId: "never" });
    expect(queues()).toBe(before);
    await there.watch();
    await there.executor.close();
    expect(queues()).toBe(before);
  });

  test("outlives its connection, and tells the next one once that asks", async () => {
    await using there = await scene();
    const { folder } = there;
    await there.watch();
    await there.resume();
    writeFileSync(folder.join("meanwhile"), "");
    await there.passes();
    await there.watch();
    await there.hears("created /meanwhile");
    await expect(there.watch({ recursive: true })).rejects.toThrow(
      refusal(-32600, expect.stringContaining("something else")),
    );
  });

  test("is refused where there is nothing, under a sandbox that hides files, and beyond 32 of a session", async () => {
    await using there = await scene();
    const { folder, line } = there;
    await expect(there.watch({ path: uri(folder, "no") })).rejects.toThrow(refusal(-32004, expect.anything()));
    const hiding = minimalWrite(folder.path);
    await expect(there.watch({ sandbox: hiding })).rejects.toThrow(
      refusal(-32600, expect.stringContaining("hides files")),
    );
    await there.watch({ sandbox: workspaceWrite(folder.path) });
    const long = line.call("holdfast/watch", { watchId: "w".repeat(65), path: uri(folder) });
    await expect(long).rejects.toThrow(refusal(-32600, expect.stringContaining("64 bytes")));
    for (let n = 1; n < 32; n += 1) await line.call("holdfast/watch", { watchId: `w${n}`, path: uri(folder) });
    const more = line.call("holdfast/watch", { watchId: "more", path: uri(folder) });
    await expect(more).rejects.toThrow(refusal(-32600, expect.stringContaining("at most 32")));
  });
});
