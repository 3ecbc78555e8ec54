import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { Executor } from "../../src/executor.ts";
import type { StagedTree } from "../../src/filesystem/staged-tree.ts";
import { upload } from "../../src/transfer/index.ts";

/** An executor that takes a tree, and lets `meanwhile` happen between the listing and the reading of files. */
function executorOf(meanwhile: () => Promise<void>, sent: Map<string, string>): Executor {
  const tree: Partial<StagedTree> = {
    add: async () => {
      await meanwhile();
      return [];
    },
    put: async (path, data) => void sent.set(path, Buffer.from(data).toString()),
    commit: async () => ({ isModeSet: true, problems: [] }),
    discard: async () => {},
  };
  const metadata = async () => ({ isDirectory: true, isFile: false, isSymlink: false });
  const environment = { cwd: "file:///there", pathConvention: "posix" };
  return { environment, fs: { metadata, stageTree: async () => tree } } as unknown as Executor;
}

describe("a local folder that is copied to an executor", () => {
  test("has nothing read through a link that is put in it meanwhile, in place of a file or a folder", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("tree", "sub"), { recursive: true });
    await mkdir(folder.join("outside"));
    await writeFile(folder.join("outside", "in"), "secret");
    for (const names of [["file"], ["sub", "in"], ["kept"]]) await writeFile(folder.join("tree", ...names), "mine");
    const sent = new Map<string, string>();
    const told: string[] = [];
    const swap = async (): Promise<void> => {
      for (const [name, target] of [
        ["file", "outside/in"],
        ["sub", "outside"],
      ] as const) {
        await rename(folder.join("tree", name), folder.join(`old ${name}`));
        await symlink(folder.join(target), folder.join("tree", name));
      }
      await rename(folder.join("tree"), folder.join("moved"));
      await symlink("outside", folder.join("tree"));
    };
    await upload(executorOf(swap, sent), "tree", "x", { cwd: folder.path, onProblem: (line) => void told.push(line) });
    // The folder that was listed is the one that is read, wherever it is by now; what is in it, by no link.
    expect([...sent]).toEqual([["file:///there/x/tree/kept", "mine"]]);
    expect(told.toSorted()).toEqual([
      "cannot copy tree/sub/in: not a directory",
      "tree/file has become a link, which is not followed here; copy it again",
    ]);
  });
});
