import { linkSync, mkdirSync, readFileSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mountSmallDisk } from "@holdfast/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { appendFile, copy, writeFile, writeNew } from "../../src/filesystem/index.ts";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
import { callsWith, errno, faultOf, namesIn, tempFolder } from "./helpers.ts";

const KIB = 1024;
const NO_SPACE = { kind: "other", message: "No space left on device (os error 28)" };

const disk = mountSmallDisk(256);
const mounted = "path" in disk ? disk.path : undefined;

afterAll(() => {
  if ("path" in disk) disk.unmount();
});

describe.skipIf(mounted === undefined)(
  `a real full disk${"reason" in disk ? ` (skipped: ${disk.reason})` : ""}`,
  () => {
    const fresh = () => {
      const path = join(mounted ?? "", `t${process.hrtime.bigint()}`);
      mkdirSync(path);
      return {
        at: (name: string) => join(path, name),
        bytes: (name: string) => Buffer.from(join(path, name)),
        names: () => namesIn(path),
        fill: () => {
          const { bavail, bsize } = statfsSync(path);
          writeFileSync(join(path, "filler"), Buffer.alloc(bavail * bsize));
        },
        [Symbol.dispose]: () => rmSync(path, { recursive: true }),
      };
    };
    const OLD = Buffer.alloc(40 * KIB, "old ");

    test("says how much of what was to be added is there", async () => {
      using folder = fresh();
      writeFileSync(folder.at("log"), OLD);
      const { kind, message } = await faultOf(appendFile(folder.bytes("log"), Buffer.alloc(512 * KIB, "new ")));
      expect(kind).toBe("other");
      const added = statSync(folder.at("log")).size - OLD.length;
      expect(message).toBe(`No space left on device (os error 28); ${added} of ${512 * KIB} bytes were added`);
      expect(readFileSync(folder.at("log")).subarray(0, OLD.length).equals(OLD)).toBe(true);
      const exclusive = { mode: undefined, exclusive: true, followSymlinks: true };
      expect(await faultOf(writeNew(folder.bytes("f"), Buffer.alloc(512 * KIB), exclusive))).toEqual(NO_SPACE);
      expect(folder.names()).toEqual(["log"]);
    });

    test("leaves no trace of a new file that did not fit", async () => {
      using folder = fresh();
      expect(await faultOf(writeFile(folder.bytes("f"), Buffer.alloc(512 * KIB)))).toEqual(NO_SPACE);
      expect(folder.names()).toEqual([]);
    });

    test("keeps the old content of a file when the new one does not fit", async () => {
      using folder = fresh();
      writeFileSync(folder.at("f"), OLD);
      expect(await faultOf(writeFile(folder.bytes("f"), Buffer.alloc(512 * KIB)))).toEqual(NO_SPACE);
      expect(readFileSync(folder.at("f")).equals(OLD)).toBe(true);
      expect(folder.names()).toEqual(["f"]);
    });

    test("keeps the old content of a file with several names when the new one does not fit", async () => {
      using folder = fresh();
      writeFileSync(folder.at("a"), OLD);
      linkSync(folder.at("a"), folder.at("b"));
      expect(await faultOf(writeFile(folder.bytes("a"), Buffer.alloc(512 * KIB)))).toEqual(NO_SPACE);
      expect(readFileSync(folder.at("b")).equals(OLD)).toBe(true);
      expect(statSync(folder.at("a")).nlink).toBe(2);
      expect(folder.names()).toEqual(["a", "b"]);
    });

    test("puts the old bytes back when space runs out only while overwriting, in the holes of a sparse file", async () => {
      using folder = fresh();
      writeFileSync(folder.at("a"), "start");
      truncateSync(folder.at("a"), 100 * KIB);
      linkSync(folder.at("a"), folder.at("b"));
      const before = readFileSync(folder.at("a"));
      folder.fill();
      expect(await faultOf(writeFile(folder.bytes("a"), Buffer.alloc(100 * KIB, "x")))).toEqual(NO_SPACE);
      rmSync(folder.at("filler"));
      expect(readFileSync(folder.at("b")).equals(before)).toBe(true);
      expect(folder.names()).toEqual(["a", "b"]);
    });

    test("keeps the destination of a copy that does not fit, with one name and with two", async () => {
      using folder = fresh();
      using elsewhere = tempFolder();
      writeFileSync(elsewhere.at("big"), Buffer.alloc(512 * KIB, "x"));
      writeFileSync(folder.at("one"), OLD);
      writeFileSync(folder.at("a"), OLD);
      linkSync(folder.at("a"), folder.at("b"));
      for (const name of ["one", "a", "new"]) {
        expect(await faultOf(copy(elsewhere.bytes("big"), folder.bytes(name), { recursive: false }))).toEqual(NO_SPACE);
      }
      expect(readFileSync(folder.at("one")).equals(OLD)).toBe(true);
      expect(readFileSync(folder.at("b")).equals(OLD)).toBe(true);
      expect(folder.names()).toEqual(["a", "b", "one"]);
    });
  },
);

describe("a disk that fills up at a chosen moment", () => {
  /** Writes succeed `writes` times, by half a chunk each; then one fails, and those that put things back succeed. */
  const fullAfter = (writes: number) => {
    let left = writes;
    return callsWith({
      write: (fd, from, offset, length, position) => {
        left -= 1;
        if (left === -1) return Promise.reject(errno("ENOSPC"));
        return systemCalls.write(fd, from, offset, left >= 0 ? Math.ceil(length / 2) : length, position);
      },
    });
  };

  test.each([0, 1, 2])("loses nothing of a file with one name after %i writes", async (writes) => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "the old content");
    expect(await faultOf(writeFile(folder.bytes("f"), Buffer.alloc(100, "n"), {}, fullAfter(writes)))).toEqual(
      NO_SPACE,
    );
    expect(readFileSync(folder.at("f"), "utf8")).toBe("the old content");
    expect(namesIn(folder.path)).toEqual(["f"]);
  });

  test.each([
    ["longer", 100],
    ["shorter", 7],
    ["of the same length", 15],
  ])("loses nothing of a file with two names, the new content being %s", async (_what, length) => {
    for (let writes = 0; ; writes += 1) {
      using folder = tempFolder();
      writeFileSync(folder.at("a"), "the old content");
      linkSync(folder.at("a"), folder.at("b"));
      const outcome = await writeFile(folder.bytes("a"), Buffer.alloc(length, "n"), {}, fullAfter(writes)).then(
        () => "written",
        () => "failed",
      );
      expect(namesIn(folder.path)).toEqual(["a", "b"]);
      if (outcome === "written") {
        expect(readFileSync(folder.at("b"), "utf8")).toBe("n".repeat(length));
        expect(writes).toBeGreaterThan(1);
        return;
      }
      expect(readFileSync(folder.at("b"), "utf8")).toBe("the old content");
    }
  });

  test("says so when the old content can not be put back", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("a"), "the old content");
    linkSync(folder.at("a"), folder.at("b"));
    let writes = 0;
    const calls = callsWith({
      write: (fd, from, offset, _length, position) =>
        ++writes === 1 ? systemCalls.write(fd, from, offset, 1, position) : Promise.reject(errno("EIO")),
    });
    const fault = await faultOf(writeFile(folder.bytes("a"), Buffer.from("short"), {}, calls));
    expect(fault).toEqual({ kind: "other", message: "I/O error (os error 5); the old content could not be put back" });
  });
});
