import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { copy } from "../../src/filesystem/index.ts";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
import { callsWith, namesIn, tempFolder } from "./helpers.ts";

const once = { recursive: false };

/** A file system that does not share blocks is asked once in a process; no other test has a file on this device. */
const DEVICE_NOT_ASKED_YET = 2n ** 62n;

test("a clone shares blocks or is refused, and is asked for large files only", async () => {
  using folder = tempFolder();
  writeFileSync(folder.at("small"), "content");
  writeFileSync(folder.at("large"), Buffer.alloc(2 * 1024 * 1024, "x"), { mode: 0o640 });
  const asked: string[] = [];
  const calls = callsWith({
    fstat: async (fd) => Object.assign(await systemCalls.fstat(fd), { dev: DEVICE_NOT_ASKED_YET }),
    cloneToNew: async (from, to) => {
      asked.push(to.toString());
      writeFileSync(to, readFileSync(from));
    },
  });
  await copy(folder.bytes("small"), folder.bytes("small copy"), once, calls);
  await copy(folder.bytes("large"), folder.bytes("large copy"), once, calls);
  expect(asked.length).toBe(1);
  expect(readFileSync(folder.at("large copy")).length).toBe(2 * 1024 * 1024);
  const made = await systemCalls.cloneToNew(folder.bytes("large"), folder.bytes("clone")).then(
    () => ["clone"],
    () => [],
  );
  expect(namesIn(folder.path).filter((name) => name === "clone")).toEqual(made);
});
