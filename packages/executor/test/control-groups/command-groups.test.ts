import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@holdfast/rpc";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { removeAbandonedGroups, removeGroup } from "../../src/control-groups/abandoned-groups.ts";
import { CommandGroups } from "../../src/control-groups/command-groups.ts";
import { groupHierarchies } from "../../src/control-groups/group-hierarchies.ts";
import { groupPrefix, groupPrefixOf, isAbandoned } from "../../src/control-groups/group-names.ts";
import { silentLog } from "../../src/platform/ports.ts";
import { processIdentity } from "../../src/platform/process-identity.ts";
import { isLinux } from "../filesystem/helpers.ts";

const [, START = ""] = (processIdentity(process.pid) ?? "").split(".");

/** Own groups of this machine that groups can be made below: whichever kinds it has. */
const own = isLinux
  ? groupHierarchies(readFileSync("/proc/self/cgroup", "utf8"), readFileSync("/proc/self/mountinfo", "utf8")).filter(
      ({ version, controllers, own: path }) => (version === 2 || controllers.includes("pids")) && canMake(path),
    )
  : [];

function canMake(parent: string): boolean {
  const path = join(parent, `holdfast-test-${process.pid}`);
  try {
    mkdirSync(path);
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

/** A file that every group of that kind has, whatever controllers there are. */
const SETTING = {
  1: { file: "pids.max", value: "7" },
  2: { file: "cgroup.max.descendants", value: "0" },
} as const;

function oursIn(parent: string) {
  return readdirSync(parent).filter((name) => name.startsWith(groupPrefixOf(`${process.pid}.${START}`)));
}

describe.each(own)("a control group of version $version below $own", ({ version, own: parent }) => {
  const groups = () => new CommandGroups(systemClock, silentLog);

  test("is made with its settings, and goes when the run has ended", () => {
    const hold = groups().make([
      { parent, settings: [SETTING[version], { file: "no.such.file", value: "1", isOptional: true }], procsFd: 8 },
    ]);
    const [name = ""] = oursIn(parent);
    expect(readFileSync(join(parent, name, SETTING[version].file), "utf8")).toBe(`${SETTING[version].value}\n`);
    expect(hold.handed.map(({ to }) => to)).toEqual([8]);
    hold.handedOver();
    hold.release();
    hold.release();
    expect(oursIn(parent)).toEqual([]);
  });

  test("is joined by whoever writes to the descriptor, and stays until the last one has left", async () => {
    const made = groups();
    const hold = made.make([{ parent, settings: [], procsFd: 8 }]);
    const [name = ""] = oursIn(parent);
    const [handed] = hold.handed;
    const child = sleeper(handed?.from ?? -1);
    try {
      const procs = () => readFileSync(join(parent, name, "cgroup.procs"), "utf8").trim();
      await until(() => procs() === String(child.pid));
      hold.release();
      expect(oursIn(parent)).toEqual([name]);
      child.kill("SIGKILL");
      await made.settled(10_000);
      expect(oursIn(parent)).toEqual([]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  test("that does not get empty is told of in the end, and left alone", async () => {
    const clock = new FakeClock();
    const told: string[] = [];
    const made = new CommandGroups(clock, { ...silentLog, warn: (text) => told.push(text) });
    const hold = made.make([{ parent, settings: [], procsFd: 8 }]);
    const [name = ""] = oursIn(parent);
    const child = sleeper(hold.handed[0]?.from ?? -1);
    try {
      await until(() => readFileSync(join(parent, name, "cgroup.procs"), "utf8").trim() === String(child.pid));
      hold.release();
      const settled = made.settled(1_000_000);
      await clock.advance(200_000);
      await settled;
      expect(told).toEqual([`a cgroup stays, because processes are in it: ${join(parent, name)}`]);
    } finally {
      child.kill("SIGKILL");
      await until(() => removeGroup(join(parent, name)));
    }
  });

  test("that can't be as it is planned is not there, and the refusal names the file", () => {
    for (const bad of [
      { file: "no.such.file", value: "1" },
      { ...SETTING[version], value: "nonsense" },
    ]) {
      const planned = [
        { parent, settings: [], procsFd: 8 },
        { parent, settings: [bad], procsFd: 9 },
      ];
      expect(() => groups().make(planned)).toThrow(
        expect.objectContaining({
          code: "unenforceable",
          message: expect.stringMatching(
            new RegExp(`^the limits of the command can't be kept: ${bad.file} of a cgroup`),
          ),
        }),
      );
      expect(oursIn(parent)).toEqual([]);
    }
  });

  test("goes when its executor is gone and it is empty, and no other does", () => {
    const names = [
      `${groupPrefix()}${process.pid}.1.1`,
      `${groupPrefixOf(`${process.pid}.${START}`)}999999`,
      `holdfast-1-${process.pid}.1.1`,
    ];
    const paths = names.map((name) => join(parent, name));
    try {
      for (const path of paths) mkdirSync(path);
      expect(removeAbandonedGroups([parent, parent])).toBe(true);
      expect(paths.map((path) => existsSync(path))).toEqual([false, true, true]);
    } finally {
      for (const path of paths) if (existsSync(path)) rmdirSync(path);
    }
  });

  test("of an executor that is gone goes before the first one is made", () => {
    const left = join(parent, `${groupPrefix()}${process.pid}.1.1`);
    mkdirSync(left);
    groups()
      .make([{ parent, settings: [], procsFd: 8 }])
      .release();
    expect(existsSync(left)).toBe(false);
  });
});

/** Puts itself into the group whose `cgroup.procs` it is given, and sleeps. */
function sleeper(procs: number): ChildProcess {
  return spawn("sh", ["-c", "printf 0 >&3; exec 3>&-; exec sleep 60"], {
    stdio: ["ignore", "ignore", "ignore", procs],
  });
}

test("a folder that takes no group is named", async () => {
  await using folder = await tempDir();
  const missing = folder.join("gone");
  expect(() => new CommandGroups(systemClock, silentLog).make([{ parent: missing, settings: [], procsFd: 8 }])).toThrow(
    `the limits of the command can't be kept: a cgroup in ${missing} can't be made: No such file or directory`,
  );
});

test("what is no group takes no process, and stays out of the way", async () => {
  await using folder = await tempDir();
  const groups = new CommandGroups(systemClock, silentLog);
  expect(() => groups.make([{ parent: folder.path, settings: [], procsFd: 8 }])).toThrow(
    /cgroup\.procs can't be opened/,
  );
  expect(readdirSync(folder.path)).toEqual([]);
});

test.skipIf(!isLinux)("names tell whether their executor lives, of this process namespace only", () => {
  expect(isAbandoned(`${groupPrefixOf(`${process.pid}.${START}`)}1`)).toBe(false);
  expect(isAbandoned(`${groupPrefix()}${process.pid}.1.1`)).toBe(true);
  expect(isAbandoned(`${groupPrefix()}4194305.1.1`)).toBe(true);
  for (const name of [
    "holdfast-",
    `${groupPrefix()}x`,
    `${groupPrefix()}1.2`,
    "holdfast-1-4194305.1.1",
    "user.slice",
  ]) {
    expect([name, isAbandoned(name)]).toEqual([name, false]);
  }
});
