import { readFileSync, statSync } from "node:fs";
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
