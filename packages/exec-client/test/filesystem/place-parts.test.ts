import { execFile } from "node:child_process";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { pathUriFromNative } from "@holdfast/path-uri";
import { LinkError } from "@holdfast/rpc";
import { type TempDir, tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { placeParts, type RunProgram } from "../../src/filesystem/place-parts.ts";

const PARTS = [
  { index: 0, bytes: 3 },
  { index: 2, bytes: 4 },
  { index: 3, bytes: 2 },
];
const WHOLE = "aaabbbbcc";

/** Runs `sh` here; the first answers are lost with their lines, before or after it has run. */
function losing(folder: TempDir, lost: readonly ("before" | "after")[]): RunProgram {
  const left = [...lost];
  return async ([program = "", ...args]) => {
    const how = left.shift();
    const run = (): Promise<{ exitCode: number; stdout: string; stderr: string }> =>
      new Promise((resolve) => {
        const child = execFile(program, args, { cwd: folder.path }, (_, stdout, stderr) =>
          resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
        );
      });
    const result = how === "before" ? undefined : await run();
    if (how === undefined && result !== undefined) return result;
    throw new LinkError("closed", "cut", { delivery: "unknown", method: "process/start" });
  };
}

const place = (folder: TempDir, run: RunProgram, mode?: number): Promise<boolean> => {
  const names = {
    folder: pathUriFromNative(folder.path, "posix"),
    final: pathUriFromNative(folder.join("file"), "posix"),
    base: ".part",
  };
  return placeParts(run, names, { parts: PARTS, mode });
};

/** Parts as an attempt has left them. */
const leave = async (folder: TempDir, parts: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, content] of Object.entries(parts)) await writeFile(folder.join(name), content);
};

const ALL = { ".part.0": "aaa--", ".part.2": "bbbb--", ".part.3": "cc-" };

describe("an attempt whose answer was lost", () => {
  test.each([
    ["before it began", ["before"]],
    ["when it was done", ["after"]],
    ["three times", ["before", "after", "before"]],
  ] as const)("%s is made good by the next", async (_, lost) => {
    await using folder = await tempDir();
    await leave(folder, ALL);
    expect(await place(folder, losing(folder, lost), 0o640)).toBe(true);
    expect(await readFile(folder.join("file"), "utf8")).toBe(WHOLE);
    expect((await stat(folder.join("file"))).mode & 0o777).toBe(0o640);
    expect(await readdir(folder.path)).toEqual(["file"]);
  });

  test.each([
    ["half of a part joined", { ".part.0": "aaabb", ".part.2": "bbbb--", ".part.3": "cc-" }],
    ["a part joined and not removed yet", { ".part.0": "aaabbbb", ".part.2": "bbbb--", ".part.3": "cc-" }],
    ["a part joined", { ".part.0": "aaabbbb", ".part.3": "cc-" }],
    ["a part and a half joined", { ".part.0": "aaabbbbc", ".part.3": "cc-" }],
    ["all joined", { ".part.0": WHOLE }],
  ])("with %s is gone on with", async (_, parts) => {
    await using folder = await tempDir();
    await writeFile(folder.join("file"), "old");
    await chmod(folder.join("file"), 0o750);
    await leave(folder, parts);
    expect(await place(folder, losing(folder, ["before"]))).toBe(true);
    expect(await readFile(folder.join("file"), "utf8")).toBe(WHOLE);
    expect((await stat(folder.join("file"))).mode & 0o777).toBe(0o750);
    expect(await readdir(folder.path)).toEqual(["file"]);
  });

  test.each([
    ["that is still at it", { ".part.0": "aaabb", ".part.2": "bbbb" }],
    ["whose parts are gone", { ".part.0": "aaabb" }],
    ["whose file is gone", {}],
  ])("%s never makes a file of what is there", async (_, parts) => {
    await using folder = await tempDir();
    await leave(folder, parts);
    const placing = place(folder, losing(folder, ["before"]));
    await expect(placing).rejects.toMatchObject({ name: "FileTransferError", code: "not-placed" });
    expect(await readdir(folder.path)).not.toContain("file");
  });

  test("is told as what may have happened, when line after line is lost", async () => {
    await using folder = await tempDir();
    await leave(folder, ALL);
    const placing = place(folder, losing(folder, Array(9).fill("before")));
    await expect(placing).rejects.toMatchObject({ name: "LinkError", code: "closed", delivery: "unknown" });
  });
});

test("parts are never skipped by a first attempt", async () => {
  await using folder = await tempDir();
  await leave(folder, { ".part.0": "aaabbbb", ".part.3": "cc" });
  await expect(place(folder, losing(folder, []))).rejects.toMatchObject({ code: "not-placed" });
});
