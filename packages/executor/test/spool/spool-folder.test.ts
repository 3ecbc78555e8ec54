import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { Log } from "../../src/platform/ports.ts";
import { startTimeOf } from "../../src/spool/folder-owner.ts";
import { SpoolFolder } from "../../src/spool/spool-folder.ts";

const LIMIT = 1_048_576;
const silent: Log = { debug: () => {}, warn: () => {} };
const chunk = { seq: 1, stream: "stdout", data: Buffer.from("kept") } as const;

function open(directory: string, log = silent) {
  return new SpoolFolder({ directory, maxBytesPerProcess: LIMIT }, log);
}

/** The id of a process that is over. */
function gone() {
  return spawnSync("true").pid;
}

function leftover(directory: string, name: string): string {
  const path = join(directory, name);
  mkdirSync(path);
  writeFileSync(join(path, "1.spool"), "");
  return path;
}

describe("the folder of spooled output", () => {
  test("is made, holds one folder that only its owner may enter, and files without names", async () => {
    await using temp = await tempDir();
    const directory = temp.join("a", "b");
    const folder = open(directory);
    const [name = ""] = readdirSync(directory);
    expect(name).toMatch(new RegExp(`^holdfast-${process.pid}-\\d+-[0-9a-f]{8}$`));
    expect(lstatSync(join(directory, name)).mode & 0o777).toBe(0o700);
    const spool = folder.newSpool();
    await spool.write([chunk]);
    expect(readdirSync(join(directory, name))).toEqual([]);
    folder.close();
    folder.close();
    expect(readdirSync(directory)).toEqual([]);
    expect(await spool.read(0)).toEqual([chunk]);
    spool.dispose();
  });

  test("is shared by executors that leave each other's alone, in one process too", async () => {
    await using temp = await tempDir();
    const first = open(temp.path);
    const second = open(temp.path);
    expect(readdirSync(temp.path)).toHaveLength(2);
    first.close();
    expect(readdirSync(temp.path)).toHaveLength(1);
    second.close();
  });

  test("loses at the start what an executor left that is gone, or whose id now is another's", async () => {
    await using temp = await tempDir();
    const dead = leftover(temp.path, `holdfast-${gone()}-123-0123abcd`);
    const reused = leftover(temp.path, `holdfast-${process.pid}-1-0123abcd`);
    const alive = leftover(temp.path, `holdfast-${process.ppid}-${startTimeOf(process.ppid)}-0123abcd`);
    open(temp.path).close();
    expect([dead, reused, alive].map((path) => existsSync(path))).toEqual([false, process.platform !== "linux", true]);
  });

  test("keeps what is not certainly a spool: other names, other kinds, links, folders with other files", async () => {
    await using temp = await tempDir();
    await using elsewhere = await tempDir();
    const dead = `holdfast-${gone()}-123`;
    writeFileSync(elsewhere.join("1.spool"), "precious");
    symlinkSync(elsewhere.path, temp.join(`${dead}-00000001`));
    writeFileSync(temp.join(`${dead}-00000002`), "a file");
    mkdirSync(temp.join(dead));
    mkdirSync(temp.join(`${dead}-00000003-more`));
    const mixed = leftover(temp.path, `${dead}-00000004`);
    writeFileSync(join(mixed, "notes.txt"), "precious");
    const linking = leftover(temp.path, `${dead}-00000005`);
    symlinkSync(elsewhere.join("1.spool"), join(linking, "2.spool"));
    const before = readdirSync(temp.path);
    open(temp.path).close();
    expect(readdirSync(temp.path)).toEqual(before);
    expect([readdirSync(mixed), readdirSync(linking)]).toEqual([["notes.txt"], ["2.spool"]]);
    expect(existsSync(elsewhere.join("1.spool"))).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)("keeps a folder of somebody else (needs root to make one)", async () => {
    await using temp = await tempDir();
    const path = leftover(temp.path, `holdfast-${gone()}-123-0123abcd`);
    const { status } = spawnSync("chown", ["1:1", path]);
    expect(status).toBe(0);
    open(temp.path).close();
    expect(readdirSync(path)).toEqual(["1.spool"]);
  });

  test("is made again when somebody tidied it up", async () => {
    await using temp = await tempDir();
    const folder = open(temp.path);
    for (const name of readdirSync(temp.path)) rmSync(temp.join(name), { recursive: true });
    const spool = folder.newSpool();
    await spool.write([chunk]);
    expect(await spool.read(0)).toEqual([chunk]);
    spool.dispose();
    folder.close();
  });

  test("is refused with the reason when it can't be made or is no folder", async () => {
    await using temp = await tempDir();
    writeFileSync(temp.join("file"), "");
    expect(() => open(temp.join("file"))).toThrow(/^output can't be spooled to .*file: /);
    expect(() => open("/proc/nowhere")).toThrow("output can't be spooled to /proc/nowhere: No such file or directory");
  });

  test.skipIf(process.getuid?.() === 0)("is refused when it can't be written (root can)", async () => {
    await using temp = await tempDir();
    chmodSync(temp.path, 0o500);
    expect(() => open(temp.path)).toThrow("Permission denied");
  });

  test.each([0, LIMIT - 1, Number.NaN, Number.POSITIVE_INFINITY])("is refused a limit of %d", async (limit) => {
    await using temp = await tempDir();
    expect(() => new SpoolFolder({ directory: temp.path, maxBytesPerProcess: limit }, silent)).toThrow(RangeError);
    expect(readdirSync(temp.path)).toEqual([]);
  });

  test("warns once, however many processes it fails for", async () => {
    await using temp = await tempDir();
    const warnings: string[] = [];
    const folder = open(temp.path, { ...silent, warn: (message: string) => void warnings.push(message) });
    for (const name of readdirSync(temp.path)) rmSync(temp.join(name), { recursive: true });
    await temp[Symbol.asyncDispose]();
    writeFileSync(temp.path, "");
    const spools = [folder.newSpool(), folder.newSpool()];
    for (const spool of spools) await spool.write([chunk]);
    expect(spools.map(({ isOn }) => isOn)).toEqual([false, false]);
    expect(warnings).toEqual([expect.stringContaining("Not a directory")]);
    rmSync(temp.path);
  });
});
