import { mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { FakeClock, type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { workspaceWrite } from "../confinement/sandbox.ts";
import { base64, Line } from "./line.ts";

const TTL_MS = 120_000;

function refusal(code: number, message: unknown) {
  return expect.objectContaining({ name: "RemoteError", code, message });
}

function uri(folder: TempDir, ...names: string[]): string {
  return `file://${folder.join(...names)}`;
}

async function stageBoth(line: Line, folder: TempDir): Promise<void> {
  await line.call("holdfast/stageFile", { stageId: "f", path: uri(folder, "file") });
  await line.call("holdfast/writeStaged", { stageId: "f", offset: 0, chunk: base64("abc") });
  await line.call("holdfast/stageFolder", { stageId: "t", path: uri(folder, "tree") });
  await line.call("holdfast/putStaged", { stageId: "t", path: uri(folder, "tree", "small"), chunk: base64("x") });
}

describe.skipIf(process.platform !== "linux")("what a session has staged", () => {
  test("is a capability", async () => {
    await using line = await Line.ready();
    expect((await line.call("environment/info")).capabilities).toMatchObject({ holdfastStaging: true });
  });

  test("outlives its line, and is put in place over the next one", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await stageBoth(line, folder);
    await line.hangUp();
    const next = await Line.resume(line.executor, line.sessionId);
    await next.call("holdfast/writeStaged", { stageId: "f", offset: 3, chunk: base64("def") });
    const link = { path: uri(folder, "tree", "link"), targetBase64: base64("small") };
    expect(await next.call("holdfast/addStaged", { stageId: "t", entries: [link] })).toEqual({ problems: [] });
    const done = { isModeSet: true, isInPlace: false, problems: [] };
    for (const stageId of ["f", "t", "f"]) {
      expect(await next.call("holdfast/commitStaged", { stageId })).toEqual(done);
    }
    expect(await readFile(folder.join("file"), "utf8")).toBe("abcdef");
    expect(await readlink(folder.join("tree", "link"))).toBe("small");
    expect((await readdir(folder.path)).sort()).toEqual(["file", "tree"]);
  });

  test("is gone when nobody comes back for it", async () => {
    await using folder = await tempDir();
    const clock = new FakeClock();
    await using line = await Line.ready({ clock });
    await stageBoth(line, folder);
    await line.hangUp();
    expect(await readdir(folder.path)).toHaveLength(1);
    await clock.advance(TTL_MS);
    await until(async () => (await readdir(folder.path)).length === 0);
  });

  test("is gone when the executor has closed", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await stageBoth(line, folder);
    await line.executor.close();
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("is seen by what is asked for later on the same line", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await stageBoth(line, folder);
    const committed = line.call("holdfast/commitStaged", { stageId: "f" });
    const { dataBase64 } = await line.call("fs/readFile", { path: uri(folder, "file") });
    expect(dataBase64).toBe(base64("abc"));
    await committed;
  });

  test("is never staged under a sandbox", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(folder.path);
    for (const method of ["holdfast/stageFile", "holdfast/stageFolder"]) {
      const staged = line.call(method, { stageId: "s", path: uri(folder, "x"), sandbox });
      await expect(staged).rejects.toThrow(refusal(-32600, expect.stringContaining("under a sandbox")));
    }
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("is led by no link that has its name, unless the client says so", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await mkdir(folder.join("real"));
    await writeFile(folder.join("private"), "mine");
    await symlink("private", folder.join("file"));
    await symlink("real", folder.join("tree"));
    const link = (target: string) => refusal(-32600, expect.stringContaining(`it is a link to ${target}`));
    for (const more of [{}, { noFollowNames: null }, { noFollowNames: 1 }]) {
      const file = line.call("holdfast/stageFile", { stageId: "f", path: uri(folder, "file"), ...more });
      await expect(file).rejects.toThrow(link("private"));
      const tree = line.call("holdfast/stageFolder", { stageId: "t", path: uri(folder, "tree"), ...more });
      await expect(tree).rejects.toThrow(link("real"));
    }
    for (const noFollowNames of [-1, 0.5, 2 ** 32, true]) {
      const odd = line.call("holdfast/stageFile", { stageId: "o", path: uri(folder, "file"), noFollowNames });
      await expect(odd).rejects.toThrow(expect.objectContaining({ name: "RemoteError" }));
    }
    await line.call("holdfast/stageFile", { stageId: "f", path: uri(folder, "file"), noFollowNames: 0 });
    await line.call("holdfast/writeStaged", { stageId: "f", offset: 0, chunk: base64("new") });
    await line.call("holdfast/commitStaged", { stageId: "f" });
    await line.call("holdfast/stageFolder", { stageId: "t", path: uri(folder, "tree"), noFollowNames: 0 });
    await line.call("holdfast/putStaged", { stageId: "t", path: uri(folder, "tree", "small"), chunk: base64("x") });
    await line.call("holdfast/commitStaged", { stageId: "t" });
    expect([await readFile(folder.join("private"), "utf8"), await readdir(folder.join("real"))]).toEqual([
      "new",
      ["small"],
    ]);
  });

  test("has an id of bounded length, and entries of bounded number", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const long = line.call("holdfast/stageFile", { stageId: "x".repeat(65), path: uri(folder, "x") });
    await expect(long).rejects.toThrow(refusal(-32600, expect.stringContaining("64 bytes")));
    await line.call("holdfast/stageFolder", { stageId: "t", path: uri(folder, "t") });
    const entries = Array.from({ length: 4_097 }, (_, n) => ({ path: uri(folder, "t", `${n}`) }));
    const many = line.call("holdfast/addStaged", { stageId: "t", entries });
    await expect(many).rejects.toThrow(refusal(-32600, expect.stringContaining("4096")));
    await line.call("holdfast/discardStaged", { stageId: "t" });
    await line.call("holdfast/discardStaged", { stageId: "never" });
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("can be filled from this machine", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await writeFile(folder.join("source"), "content");
    await line.call("holdfast/stageFile", { stageId: "f", path: uri(folder, "copy") });
    await line.call("holdfast/copyStaged", { stageId: "f", source: uri(folder, "source") });
    await line.call("holdfast/commitStaged", { stageId: "f" });
    expect(await readFile(folder.join("copy"), "utf8")).toBe("content");
  });
});
