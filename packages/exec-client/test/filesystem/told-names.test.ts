import { describe, expect, test } from "vitest";
import { collectAll, connected, settle } from "../support/connected.ts";
import { type Handler, LINUX_INFO } from "../support/fake-exec-server.ts";

const WINDOWS = { initialize: () => ({ sessionId: "s", environmentInfo: { ...LINUX_INFO, platformOs: "windows" } }) };

function listing(fileName: string) {
  return { "fs/readDirectory": () => ({ entries: [{ fileName, isDirectory: false, isFile: true }] }) };
}

const LEADING_OUT = ["file:///etc/passwd", "file:///ab", "file:///a/../b", "file:///"];

/** A client of an executor with everything of this project's. */
function capable(handlers: Record<string, Handler>) {
  const capabilities = { holdfastFiles: true, holdfastSearch: true, holdfastWatch: true };
  return connected({
    initialize: () => ({ sessionId: "s", environmentInfo: { ...LINUX_INFO, capabilities } }),
    "holdfast/watch": () => ({}),
    "holdfast/unwatch": () => ({}),
    ...handlers,
  });
}

describe("a name that leads out of its folder is no answer", () => {
  test.each(["", ".", "..", "../x", "/etc/passwd", "a/b", "a\0b"])("%j of a folder", async (name) => {
    await using line = await connected(listing(name));
    await expect(line.executor.fs.readDirectory("/a")).rejects.toMatchObject({
      name: "InvalidMessageError",
      method: "fs/readDirectory",
      memberPath: "entries[0].fileName",
    });
    expect(line.executor.state).toBe("connected");
  });

  test.each(["..\\x", "C:x", "a\\b"])("%j of a folder on Windows", async (name) => {
    await using line = await connected({ ...listing(name), ...WINDOWS });
    await expect(line.executor.fs.readDirectory("C:\\a")).rejects.toMatchObject({ name: "InvalidMessageError" });
  });

  test.each(LEADING_OUT)("%s of a walk", async (path) => {
    const found = { entries: [{ path, kind: "file" }], errors: [], truncated: false };
    await using line = await connected({ "fs/walk": () => found });
    await expect(line.executor.fs.walk("/a")).rejects.toMatchObject({ name: "InvalidMessageError", method: "fs/walk" });
  });

  test.each(LEADING_OUT)("%s of what is found, made or searched", async (path) => {
    const match = { path, lineNumber: 1, column: 1, length: 1, text: "x", textColumn: 1 };
    await using line = await capable({
      "holdfast/findFiles": () => ({ entries: [{ path, kind: "file" }], problems: [] }),
      "holdfast/searchText": () => ({ matches: [match], problems: [] }),
      "holdfast/makeTemporaryFolder": () => ({ path }),
    });
    const { fs } = line.executor;
    const is = (method: string, memberPath: string) => ({ name: "InvalidMessageError", method, memberPath });
    const found = collectAll(fs.glob("**", { cwd: "/a" }));
    await expect(found).rejects.toMatchObject(is("holdfast/findFiles", "entries[0].path"));
    const searched = collectAll(fs.search("x", { cwd: "/a" }));
    await expect(searched).rejects.toMatchObject(is("holdfast/searchText", "matches[0].path"));
    await expect(fs.mkdtemp("/a/b")).rejects.toMatchObject(is("holdfast/makeTemporaryFolder", "path"));
  });

  test.each(LEADING_OUT)("%s of what is watched: the watch ends by name, the client goes on", async (path) => {
    await using line = await capable({});
    for (const event of [
      { type: "created", path },
      { type: "renamed", path: "file:///a/x", from: path },
    ]) {
      const watch = line.executor.fs.watch("/a");
      await watch.ready;
      const { watchId } = line.server.of("holdfast/watch").at(-1) as { watchId: string };
      line.server.notify("holdfast/watchEvents", { watchId, events: [event] });
      await expect(watch.next()).rejects.toMatchObject({
        name: "InvalidMessageError",
        method: "holdfast/watchEvents",
        memberPath: `events[0].${event.from === undefined ? "path" : "from"}`,
      });
      await settle();
      expect(line.server.of("holdfast/unwatch").at(-1)).toEqual({ watchId });
    }
    expect(line.executor.state).toBe("connected");
  });
});

test("no more is told than was asked for", async () => {
  const entries = ["a", "b", "c"].map((name) => ({ path: `file:///a/${name}`, kind: "file" }));
  await using line = await capable({ "holdfast/findFiles": () => ({ entries, problems: [], cursor: "more" }) });
  expect(await collectAll(line.executor.fs.glob("**", { cwd: "/a", limit: 2 }))).toHaveLength(2);
});

test("odd names that lead nowhere else are told", async () => {
  for (const name of ["...", "a\\b", "C:x", " ", "-rf", "\u001b[2J", ".hidden"]) {
    await using line = await connected(listing(name));
    expect(await line.executor.fs.readDirectory("/a")).toMatchObject([{ name }]);
  }
});
