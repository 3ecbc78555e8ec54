import { type HoldfastCommitStagedParams, STAGED_FOLDER_MODES_MAX } from "@holdfast/exec-server-protocol";
import { pathUriFromNative } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";
import type { StagingStub } from "../../src/filesystem/executor-stage.ts";
import { stageTreeOnExecutor } from "../../src/filesystem/stage-tree.ts";

function uri(path: string) {
  return pathUriFromNative(path, "posix");
}

describe("a tree that an executor stages", () => {
  test.each([
    [STAGED_FOLDER_MODES_MAX, true],
    [STAGED_FOLDER_MODES_MAX + 1, false],
  ])("is put in place with the modes of %d folders, as far as one request takes them", async (count, isModeSet) => {
    const committed: HoldfastCommitStagedParams[] = [];
    const holdfast: Partial<StagingStub["holdfast"]> = {
      stageFolder: async () => ({}),
      commitStaged: async (params) => {
        committed.push(params);
        return { isModeSet: true, isInPlace: false, problems: [] };
      },
    };
    const tree = await stageTreeOnExecutor({ holdfast } as StagingStub, uri("/tree"), {});
    const folderModes = Array.from({ length: count }, (_, n) => ({ path: uri(`/tree/${n}`), mode: 0o755 }));
    expect(await tree.commit({ mode: undefined, folderModes })).toEqual({ isModeSet, problems: [] });
    expect(committed[0]?.folderModes).toHaveLength(STAGED_FOLDER_MODES_MAX);
  });
});
