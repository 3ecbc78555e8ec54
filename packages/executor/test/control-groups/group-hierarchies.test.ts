import { expect, test } from "vitest";
import { groupHierarchies } from "../../src/control-groups/group-hierarchies.ts";

function mount(device: string, root: string, point: string, type: string, options: string) {
  return `35 31 ${device} ${root} ${point} rw,nosuid shared:9 - ${type} ${type} rw,${options}`;
}

const V2 = mount("0:26", "/", "/sys/fs/cgroup", "cgroup2", "nsdelegate,memory_recursiveprot");

test("of version 2 there is one", () => {
  const [only, ...more] = groupHierarchies("0::/system.slice/x.service/run\n", `${V2}\n`);
  expect(more).toEqual([]);
  expect(only).toEqual({
    version: 2,
    controllers: [],
    own: "/sys/fs/cgroup/system.slice/x.service/run",
    root: "/sys/fs/cgroup",
    mountPoints: ["/sys/fs/cgroup"],
  });
});

test("of version 1 there is one for each line, and the unified one beside them", () => {
  const membership = "4:memory:/a/b\n3:cpu,cpuacct:/\n2:pids:/\n1:name=systemd:/\n0::/\n";
  const mounts = [
    mount("0:35", "/", "/sys/fs/cgroup/memory", "cgroup", "memory"),
    mount("0:36", "/", "/sys/fs/cgroup/cpu,cpuacct", "cgroup", "cpu,cpuacct"),
    mount("0:37", "/", "/sys/fs/cgroup/systemd", "cgroup", "name=systemd"),
    mount("0:38", "/", "/sys/fs/cgroup/unified", "cgroup2", "nsdelegate"),
    "27 1 254:0 / / rw - ext4 /dev/vda rw,discard",
  ].join("\n");
  const seen = groupHierarchies(membership, mounts);
  expect(seen.map(({ controllers, own }) => [controllers.join(), own])).toEqual([
    ["memory", "/sys/fs/cgroup/memory/a/b"],
    ["cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct"],
    ["name=systemd", "/sys/fs/cgroup/systemd"],
    ["", "/sys/fs/cgroup/unified"],
  ]);
});

test("the group is looked for below the one that is mounted", () => {
  const bound = mount("0:35", "/docker/c1", "/sys/fs/cgroup/memory", "cgroup", "memory");
  expect(groupHierarchies("4:memory:/docker/c1", bound)[0]?.own).toBe("/sys/fs/cgroup/memory");
  expect(groupHierarchies("4:memory:/docker/c1/in", bound)[0]?.own).toBe("/sys/fs/cgroup/memory/in");
  expect(groupHierarchies("4:memory:/docker/c12", bound)).toEqual([]);
});

test("every place where a hierarchy is mounted is told once, of others none", () => {
  const mounts = [V2, V2, mount("0:26", "/a", "/run/groups", "cgroup2", ""), mount("0:27", "/", "/b", "cgroup2", "")];
  expect(groupHierarchies("0::/a/b", mounts.join("\n"))[0]?.mountPoints).toEqual(["/sys/fs/cgroup", "/run/groups"]);
});

test.each([
  ["lies outside of the namespace", "0::/..", V2],
  ["lies deep outside of the namespace", "0::/../../x", V2],
  ["is mounted nowhere", "0::/", ""],
  ["is no line", "what::is/this", V2],
])("a group that %s leads nowhere", (_, membership, mounts) => {
  expect(groupHierarchies(membership, mounts)).toEqual([]);
});

test("names with spaces, colons and backslashes are read as they are", () => {
  const odd = mount("0:26", "/", "/mnt/my\\040groups\\134x", "cgroup2", "");
  expect(groupHierarchies("0::/a b:c\\x2d.slice", odd)[0]?.own).toBe("/mnt/my groups\\x/a b:c\\x2d.slice");
});
