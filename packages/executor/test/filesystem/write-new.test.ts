import { readdirSync, readFileSync, statSync } from "node:fs";
import { tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
import { writeNew } from "../../src/filesystem/write-new.ts";

test.each([
  { exclusive: true, followSymlinks: true },
  { exclusive: false, followSymlinks: true },
  { exclusive: false, followSymlinks: false },
])("a file that is its owner's alone is so before anything is in it, with %j", async (how) => {
  await using folder = await tempDir();
  const path = folder.join("secret");
  const modes: bigint[] = [];
  const calls: typeof systemCalls = {
    ...systemCalls,
    write: async (fd, ...rest) => {
      modes.push((await systemCalls.fstat(fd)).mode & 0o777n);
      return systemCalls.write(fd, ...rest);
    },
  };
  await writeNew(Buffer.from(path), Buffer.from("secret"), { mode: 0o600, ...how }, calls);
  expect(modes).toEqual([0o600n]);
  // In the end it has all of them, also those that the umask takes away.
  await writeNew(Buffer.from(folder.join("open")), Buffer.from("x"), { mode: 0o2467, ...how }, calls);
  expect(statSync(folder.join("open")).mode & 0o7777).toBe(0o2467);
  expect(readFileSync(path, "utf8")).toBe("secret");
});

test("a file where none may be is made under its name where a file can have one only, and removed when the disk fails", async () => {
  await using folder = await tempDir();
  const failure = (code: string) => Object.assign(new Error(code), { code });
  let room = Number.POSITIVE_INFINITY;
  const calls: typeof systemCalls = {
    ...systemCalls,
    open: async (path, flags, mode) => {
      // No files without a name either.
      if ((flags & 0o20000000) !== 0) throw failure("EOPNOTSUPP");
      return systemCalls.open(path, flags, mode);
    },
    link: async () => {
      throw failure("EPERM");
    },
    write: async (...args) => {
      room -= 1;
      if (room < 0) throw failure("ENOSPC");
      return systemCalls.write(...args);
    },
  };
  const write = (name: string) => {
    const how = { mode: 0o640, exclusive: true, followSymlinks: true };
    return writeNew(Buffer.from(folder.join(name)), Buffer.from("text"), how, calls);
  };
  await write("file");
  expect([readFileSync(folder.join("file"), "utf8"), statSync(folder.join("file")).mode & 0o777]).toEqual([
    "text",
    0o640,
  ]);
  await expect(write("file")).rejects.toMatchObject({ code: "EEXIST" });
  room = 1;
  await expect(write("other")).rejects.toMatchObject({ code: "ENOSPC" });
  expect(readdirSync(folder.path)).toEqual(["file"]);
});
