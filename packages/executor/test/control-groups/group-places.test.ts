import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { groupHierarchies } from "../../src/control-groups/group-hierarchies.ts";
import { groupPlaces, REAL_FILES } from "../../src/control-groups/group-places.ts";

const V2 = "35 31 0:26 / /cg rw - cgroup2 cgroup2 rw\n";
const V1 = ["memory", "pids"].map((name, index) => `35 31 0:3${index} / /cg/${name} rw - cgroup cgroup rw,${name}\n`);

interface Tree {
  readonly membership: string;
  readonly mounts?: string;
  /** What is switched on for the groups below one. */
  readonly enabled?: Readonly<Record<string, string>>;
  readonly delegated?: readonly string[];
}

function placesOf({ membership, mounts = V2, enabled = {}, delegated = [] }: Tree) {
  const texts: Record<string, string> = { "/proc/self/cgroup": membership, "/proc/self/mountinfo": mounts };
  for (const [path, names] of Object.entries(enabled)) texts[`${path}/cgroup.subtree_control`] = `${names}\n`;
  const places = groupPlaces({ readText: (path) => texts[path], isDelegated: (path) => delegated.includes(path) });
  return places.map(({ version, parent, controllers }) => `${version} ${parent} ${controllers.join("+")}`);
}

/** A group of version 2 that groups can be made in, where this user may, and attributes can be set. */
const unified = (() => {
  const text = (path: string) => REAL_FILES.readText(path) ?? "";
  const own = groupHierarchies(text("/proc/self/cgroup"), text("/proc/self/mountinfo")).find(
    ({ version }) => version === 2,
  );
  const canSet = spawnSync("python3", ["--version"]).status === 0;
  return process.getuid?.() === 0 && canSet ? own?.own : undefined;
})();

function mark(path: string, value: string): void {
  const program = "import os, sys; os.setxattr(sys.argv[1], 'user.delegate', sys.argv[2].encode())";
  execFileSync("python3", ["-c", program, path, value]);
}

test("below its own group of version 1, whoever else is in there", () => {
  const membership = "2:memory:/a\n1:pids:/\n";
  expect(placesOf({ membership, mounts: V1.join("") })).toEqual(["1 /cg/memory/a memory", "1 /cg/pids pids"]);
});

test("below its own group of version 2 where it passes controllers on, as only the topmost one can", () => {
  expect(placesOf({ membership: "0::/\n", enabled: { "/cg": "cpu memory pids" } })).toEqual(["2 /cg memory+pids"]);
  expect(placesOf({ membership: "0::/\n", enabled: { "/cg": "" } })).toEqual([]);
});

const UNIT = "/cg/system.slice/x.service";
const IN_UNIT = "0::/system.slice/x.service/run\n";

test("beside its own group where the one above was delegated, with what that passes on", () => {
  const enabled = { [UNIT]: "memory pids" };
  expect(placesOf({ membership: IN_UNIT, enabled, delegated: [UNIT] })).toEqual([`2 ${UNIT} memory+pids`]);
  expect(placesOf({ membership: IN_UNIT, enabled: { [UNIT]: "pids io" }, delegated: [UNIT] })).toEqual([
    `2 ${UNIT} pids`,
  ]);
  expect(placesOf({ membership: IN_UNIT, delegated: [UNIT] })).toEqual([]);
});

test("nowhere in groups of somebody else: above its own none that was not delegated, and none above what is mounted", () => {
  const enabled = { [UNIT]: "memory pids", "/cg/system.slice": "memory pids", "/": "memory pids" };
  expect(placesOf({ membership: IN_UNIT, enabled })).toEqual([]);
  expect(placesOf({ membership: IN_UNIT, enabled, delegated: ["/cg/system.slice"] })).toEqual([]);
  expect(placesOf({ membership: "0::/\n", enabled, delegated: ["/"] })).toEqual([]);
});

test.skipIf(unified === undefined)(
  "a group is delegated when it says so in an attribute that its owner can write",
  () => {
    const path = join(unified ?? "", `holdfast-test-places-${process.pid}`);
    mkdirSync(path);
    try {
      expect(REAL_FILES.isDelegated(path)).toBe(false);
      mark(path, "0");
      expect(REAL_FILES.isDelegated(path)).toBe(false);
      mark(path, "1");
      expect(REAL_FILES.isDelegated(path)).toBe(true);
    } finally {
      rmdirSync(path);
    }
  },
);

test("nowhere where the system does not tell", () => {
  expect(groupPlaces({ readText: () => undefined, isDelegated: () => true })).toEqual([]);
});
