import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rename, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@holdfast/rpc";
import { FakeClock, type TempDir, tempDir, until } from "@holdfast/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { silentLog } from "../../src/platform/ports.ts";
import { StageRecords } from "../../src/session/stage-records.ts";
import { Staging } from "../../src/session/staging.ts";
import { TreeThreads } from "../../src/trees/index.ts";
import { canConfine, workspaceWrite } from "../confinement/sandbox.ts";
import { descriptorsBelow } from "../filesystem/helpers.ts";
import { Line } from "./line.ts";
import { archiveOf, fileEntry, sendArchive } from "./tree-line.ts";

const DAY_MS = 86_400_000;
const PROGRAM = fileURLToPath(new URL("./stages-and-waits.ts", import.meta.url));
const trees = new TreeThreads(systemClock);

afterAll(() => trees.close());

function recordsIn(folder: TempDir, clock = systemClock): StageRecords {
  return new StageRecords(folder.join("state"), clock, silentLog);
}

async function stagedIn(folder: TempDir): Promise<string[]> {
  const names = await readdir(folder.path);
  return names.filter((name) => name.startsWith(".holdfast-"));
}

/** An executor's staging that is killed with two folders staged. */
async function killed(folder: TempDir): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, folder.path, folder.join("state")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

describe.skipIf(process.platform !== "linux")("what a killed executor had staged", () => {
  test("is removed by the next one, but for what is to be kept", async () => {
    await using folder = await tempDir();
    await killed(folder);
    expect(await stagedIn(folder)).toHaveLength(2);
    const records = recordsIn(folder);
    await records.sweep();
    const [left, ...others] = await stagedIn(folder);
    expect(others).toEqual([]);
    const staging = new Staging(trees, undefined, { records });
    const path = Buffer.from(folder.join("kept"));
    const other = Buffer.from(folder.join("another"));
    expect(await staging.stageFolder("o", other, { noFollowNames: 1, keepAs: "key" })).toBe(false);
    expect(await staging.stageFolder("n", path, { noFollowNames: 1, keepAs: "another key" })).toBe(false);
    expect(await staging.stageFolder("k", path, { noFollowNames: 1, keepAs: "key" })).toBe(true);
    expect(await stagedIn(folder)).toContain(left);
    await staging.commit("k", undefined, []);
    expect(await readFile(folder.join("kept", "file"), "utf8")).toBe("content");
    await Promise.all([staging.discard("o"), staging.discard("n")]);
    await staging.end();
    await records.close();
    expect(await stagedIn(folder)).toEqual([]);
    expect(await readdir(folder.join("state"))).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is removed altogether when nobody came for it in a day", async () => {
    await using folder = await tempDir();
    await killed(folder);
    const [own] = await readdir(folder.join("state"));
    for (const name of await readdir(folder.join("state", `${own}`))) {
      const long = new Date(Date.now() - DAY_MS - 1_000);
      await utimes(folder.join("state", `${own}`, name), long, long);
    }
    const records = recordsIn(folder);
    await records.sweep();
    await records.close();
    expect(await stagedIn(folder)).toEqual([]);
    expect(await readdir(folder.join("state"))).toEqual([]);
  });

  test("stays when something else has its name by now", async () => {
    await using folder = await tempDir();
    await killed(folder);
    const names = await stagedIn(folder);
    for (const name of names) {
      await rename(folder.join(name), folder.join(`moved${name}`));
      await mkdir(folder.join(name));
      await writeFile(folder.join(name, "mine"), "mine");
    }
    const records = recordsIn(folder);
    await records.sweep();
    const staging = new Staging(trees, undefined, { records });
    const path = Buffer.from(folder.join("kept"));
    expect(await staging.stageFolder("k", path, { noFollowNames: 1, keepAs: "key" })).toBe(false);
    await staging.discard("k");
    await records.close();
    for (const name of names) expect(await readdir(folder.join(name))).toEqual(["mine"]);
  });

  test("is nothing that does not have the name of something staged, whatever a record says", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("precious/inner"), { recursive: true });
    const [host, own] = [await stat(folder.path), await stat(folder.join("precious"))];
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const record = {
      host: base64(folder.path),
      hostId: `${host.dev}:${host.ino}`,
      name: base64("precious"),
      id: `${own.dev}:${own.ino}`,
      finalName: base64("tree"),
    };
    const place = folder.join("state", "0".repeat(24));
    await mkdir(place, { recursive: true, mode: 0o700 });
    const kept = { ...record, keepAs: "key" };
    await writeFile(join(place, `${"0".repeat(24)}.json`), JSON.stringify(record));
    await writeFile(join(place, `${"1".repeat(24)}.json`), JSON.stringify(kept));
    const records = recordsIn(folder);
    await records.sweep();
    expect(await readdir(folder.join("precious"))).toEqual(["inner"]);
    const staging = new Staging(trees, undefined, { records });
    const path = Buffer.from(folder.join("tree"));
    expect(await staging.stageFolder("k", path, { noFollowNames: 1, keepAs: "key" })).toBe(false);
    await staging.discard("k");
    await records.close();
    expect(await readdir(folder.join("precious"))).toEqual(["inner"]);
  });

  test("is looked for without waiting for what is no record, and without following a link to one", async () => {
    await using folder = await tempDir();
    const planted = folder.join("state", "0".repeat(24));
    await mkdir(planted, { recursive: true, mode: 0o700 });
    const name = `.holdfast-${"0".repeat(24)}`;
    await mkdir(folder.join(name));
    const [host, own] = [await stat(folder.path), await stat(folder.join(name))];
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const ids = { hostId: `${host.dev}:${host.ino}`, id: `${own.dev}:${own.ino}` };
    const record = { host: base64(folder.path), name: base64(name), finalName: base64("tree"), ...ids };
    await writeFile(folder.join("elsewhere"), JSON.stringify(record));
    await symlink("../../elsewhere", join(planted, `${"0".repeat(24)}.json`));
    execFileSync("mkfifo", [join(planted, `${"1".repeat(24)}.json`)]);
    await writeFile(join(planted, `${"2".repeat(24)}.json`), JSON.stringify(record).padEnd(70_000));
    const records = recordsIn(folder);
    await records.sweep();
    await records.close();
    expect(await stagedIn(folder)).toEqual([name]);
    expect(await readdir(folder.join("state"))).toEqual([]);
  });

  test("is not touched as long as its executor lives", async () => {
    await using folder = await tempDir();
    const [mine, theirs] = [recordsIn(folder), recordsIn(folder)];
    const staging = new Staging(trees, undefined, { records: mine });
    await staging.stageFolder("s", Buffer.from(folder.join("s")), { noFollowNames: 1 });
    await theirs.sweep();
    expect(await stagedIn(folder)).toHaveLength(1);
    await staging.end();
    await Promise.all([mine.close(), theirs.close()]);
    expect(await stagedIn(folder)).toEqual([]);
  });
});

describe.skipIf(process.platform !== "linux")("a folder that is staged to be kept", () => {
  const state = (folder: TempDir) => ({ env: { PATH: "/usr/bin:/bin", XDG_STATE_HOME: folder.join("state") } });
  const stage = (line: Line, folder: TempDir, stageId: string) => {
    const params = { stageId, path: `file://${folder.join("tree")}`, keepAs: "key" };
    return line.call("holdfast/stageFolder", params);
  };

  test("is gone on with by the next session when its client is gone, without what was not whole", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready(state(folder));
    expect(await stage(line, folder, "one")).toEqual({ isResumed: false });
    const archive = archiveOf(fileEntry("whole", "whole"), fileEntry("cut", "x".repeat(3_000)));
    await sendArchive(line, "one", archive.subarray(0, 2_500));
    await using other = await Line.ready({}, line.executor);
    expect(await stage(other, folder, "rival")).toEqual({ isResumed: false });
    await other.call("holdfast/discardStaged", { stageId: "rival" });
    await line.hangUp();
    expect(await stage(other, folder, "two")).toEqual({ isResumed: true });
    const { entries } = await other.call("holdfast/listTree", { stageId: "two" });
    expect(entries.map(({ name }: { name: string }) => name)).toEqual(["whole"]);
    await sendArchive(other, "two", archiveOf(fileEntry("cut", "all of it")));
    await other.call("holdfast/commitStaged", { stageId: "two" });
    expect(await readFile(folder.join("tree", "whole"), "utf8")).toBe("whole");
    expect(await readFile(folder.join("tree", "cut"), "utf8")).toBe("all of it");
    expect(await stagedIn(folder)).toEqual([]);
  });

  test("outlives its executor, and is gone when it is discarded", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready(state(folder));
    await stage(line, folder, "one");
    await sendArchive(line, "one", archiveOf(fileEntry("a", "a")));
    await line.executor.close();
    expect(await stagedIn(folder)).toHaveLength(1);
    await using next = await Line.ready(state(folder));
    expect(await stage(next, folder, "two")).toEqual({ isResumed: true });
    await next.call("holdfast/discardStaged", { stageId: "two" });
    expect(await stagedIn(folder)).toEqual([]);
  });

  test.skipIf(!canConfine)("is on record where no confined command may look or write", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready(state(folder));
    await stage(line, folder, "one");
    const records = folder.join("state", "holdfast", "staged");
    expect(await readdir(records)).toHaveLength(1);
    const script = `cat ${records}/*/*; mkdir -m 700 ${records}/${"0".repeat(24)} && echo made; true`;
    const sandbox = workspaceWrite(folder.path);
    const told = await line.run("p", ["sh", "-c", script], { cwd: `file://${folder.path}`, sandbox });
    expect(told).toMatch(/^(cat|mkdir): .*\n(cat|mkdir): .*\n$/);
    expect(await readdir(records)).toHaveLength(1);
  });

  test("is kept for a day", async () => {
    await using folder = await tempDir();
    const clock = new FakeClock();
    await using line = await Line.ready({ ...state(folder), clock });
    await stage(line, folder, "one");
    await line.hangUp();
    await clock.advance(120_000);
    await using other = await Line.ready({}, line.executor);
    expect(await stagedIn(folder)).toHaveLength(1);
    await until(async () => {
      await clock.advance(DAY_MS);
      return (await stagedIn(folder)).length === 0;
    });
    expect(await stage(other, folder, "two")).toEqual({ isResumed: false });
  });

  test("is not kept where the environment names no place for the record", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready({ env: { PATH: "/usr/bin:/bin" } });
    await stage(line, folder, "one");
    await line.executor.close();
    expect(await stagedIn(folder)).toEqual([]);
  });

  test("has a key of bounded length", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const params = { stageId: "s", path: `file://${folder.join("tree")}`, keepAs: "x".repeat(65) };
    const long = line.call("holdfast/stageFolder", params);
    await expect(long).rejects.toThrow(
      expect.objectContaining({ code: -32600, message: expect.stringContaining("64") }),
    );
  });
});
