import { readdir, readFile } from "node:fs/promises";
import { mountSmallDisk } from "@holdfast/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { Line } from "./line.ts";
import { archiveOf, fileEntry, otherEntry, sendArchive } from "./tree-line.ts";

const KIB = 1_024;
const disk = mountSmallDisk(512);
const mounted = "path" in disk ? disk.path : undefined;

afterAll(() => {
  if ("path" in disk) disk.unmount();
});

describe.skipIf(mounted === undefined)(
  `an archive on a real full disk${"reason" in disk ? ` (skipped: ${disk.reason})` : ""}`,
  () => {
    const noSpace = expect.objectContaining({ message: expect.stringContaining("No space left on device") });

    test("ends with an error that says so, and leaves nothing", async () => {
      await using line = await Line.ready();
      await line.call("holdfast/stageFolder", { stageId: "t", path: `file://${mounted}/tree` });
      const archive = archiveOf(
        otherEntry("folder", "sub"),
        fileEntry("sub/fits", Buffer.alloc(100 * KIB, 1)),
        fileEntry("sub/large", Buffer.alloc(900 * KIB, 2)),
        fileEntry("after", "x"),
      );
      await expect(sendArchive(line, "t", archive, 64 * KIB)).rejects.toThrow(noSpace);
      await expect(line.call("holdfast/commitStaged", { stageId: "t" })).rejects.toThrow(noSpace);
      expect(await readdir(`${mounted}`)).toEqual([]);
      await line.call("holdfast/stageFolder", { stageId: "u", path: `file://${mounted}/tree` });
      await sendArchive(line, "u", archiveOf(fileEntry("small", "small")));
      await line.call("holdfast/commitStaged", { stageId: "u" });
      expect(await readFile(`${mounted}/tree/small`, "utf8")).toBe("small");
    });
  },
);
