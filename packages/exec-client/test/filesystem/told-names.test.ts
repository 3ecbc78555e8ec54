import { describe, expect, test } from "vitest";
import { connected } from "../support/connected.ts";
import { LINUX_INFO } from "../support/fake-exec-server.ts";

const WINDOWS = { initialize: () => ({ sessionId: "s", environmentInfo: { ...LINUX_INFO, platformOs: "windows" } }) };

function listing(fileName: string) {
  return { "fs/readDirectory": () => ({ entries: [{ fileName, isDirectory: false, isFile: true }] }) };
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

  test.each(["file:///etc/passwd", "file:///ab", "file:///a/../b", "file:///"])("%s of a walk", async (path) => {
    const found = { entries: [{ path, kind: "file" }], errors: [], truncated: false };
    await using line = await connected({ "fs/walk": () => found });
    await expect(line.executor.fs.walk("/a")).rejects.toMatchObject({ name: "InvalidMessageError", method: "fs/walk" });
  });
});

test("odd names that lead nowhere else are told", async () => {
  for (const name of ["...", "a\\b", "C:x", " ", "-rf", "\u001b[2J", ".hidden"]) {
    await using line = await connected(listing(name));
    expect(await line.executor.fs.readDirectory("/a")).toMatchObject([{ name }]);
  }
});
