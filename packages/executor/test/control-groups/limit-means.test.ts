import { readdirSync } from "node:fs";
import { tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { groupPlaces } from "../../src/control-groups/group-places.ts";
import { findLimitMeans, type LimitScene, outerId } from "../../src/control-groups/limit-means.ts";

const USER: LimitScene = { platform: "linux", kernel: "6.1.0-13-amd64", isMachineRoot: false };
const ROOT: LimitScene = { ...USER, isMachineRoot: true };

test.each(["5.14.0", "5.15.0-rc1", "6.0", "10.1"])(
  "without groups, limits are the system's own on Linux %s",
  (kernel) => {
    expect(findLimitMeans({ ...USER, kernel }, [])).toEqual({
      memory: { kind: "rlimit" },
      processes: { kind: "rlimit" },
    });
  },
);

test.each(["5.8.0", "5.13.19", "4.19"])(
  "before processes were counted by namespace there is none for them: Linux %s",
  (kernel) => {
    const { memory, processes } = findLimitMeans({ ...USER, kernel }, []);
    expect(memory).toEqual({ kind: "rlimit" });
    expect(processes).toMatchObject({
      kind: "none",
      reason: expect.stringMatching(/counts all processes of the user: run the/),
    });
  },
);

test("root has none for processes without groups, and one line says what helps", () => {
  const { memory, processes } = findLimitMeans(ROOT, []);
  expect(memory).toEqual({ kind: "rlimit" });
  expect(processes).toMatchObject({
    kind: "none",
    reason: expect.stringMatching(/does not bind root: .* or as another user$/),
  });
});

test("elsewhere there is none", () => {
  const { memory, processes } = findLimitMeans({ ...USER, platform: "darwin" });
  expect([memory.kind, processes.kind]).toEqual(["none", "none"]);
});

test("a folder in which nothing becomes a group is none, and nothing is left in it", async () => {
  await using folder = await tempDir();
  const place = { parent: folder.path, controllers: ["memory", "pids"], mountPoints: [folder.path] };
  const places = [{ ...place, version: 1 } as const, { ...place, version: 2 } as const];
  expect(findLimitMeans(USER, places).memory).toEqual({ kind: "rlimit" });
  expect(readdirSync(folder.path)).toEqual([]);
});

const places = groupPlaces().filter(({ version }) => version === 1);
test.skipIf(process.getuid?.() !== 0 || places.length === 0)("where a group can be made it is the means", () => {
  for (const { parent, controllers, mountPoints } of places) {
    const before = readdirSync(parent);
    const means = findLimitMeans(ROOT, places);
    const found = { kind: "group", version: 1, parent, mountPoints };
    if (controllers.includes("memory")) expect(means.memory).toEqual(found);
    if (controllers.includes("pids")) expect(means.processes).toEqual(found);
    expect(readdirSync(parent)).toEqual(before);
  }
});

test("an id is root's when the namespace around it says so", () => {
  const map = "         0       1000          1\n      1000          0          1\n      2000     100000      65536\n";
  expect([0, 1000, 2001, 7].map((id) => outerId(id, map))).toEqual([1000, 0, 100_001, 7]);
  expect(outerId(0, "         0          0 4294967295\n")).toBe(0);
  expect(outerId(0)).toBe(0);
});
