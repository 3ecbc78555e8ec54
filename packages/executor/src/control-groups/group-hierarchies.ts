/** A hierarchy of control groups, as this process sees it. */
export interface GroupHierarchy {
  readonly version: 1 | 2;
  /** Those of a hierarchy of version 1; of version 2 a group tells them itself. */
  readonly controllers: readonly string[];
  /** Absolute path of the group that this process is in. */
  readonly own: string;
  /** Where its mount begins that leads to `own`. */
  readonly root: string;
  /** Every place that it is mounted at. */
  readonly mountPoints: readonly string[];
}

interface GroupMount {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  /** Tells hierarchies apart. */
  readonly device: string;
  /** The group that is seen at the mount point. */
  readonly root: string;
  readonly mountPoint: string;
}

/**
 * The hierarchies that can be reached.
 *
 * @param membership - Text of `/proc/self/cgroup`.
 * @param mounts - Text of `/proc/self/mountinfo`.
 */
export function groupHierarchies(membership: string, mounts: string): readonly GroupHierarchy[] {
  const all = mounts.split("\n").flatMap(groupMount);
  return membership.split("\n").flatMap((line) => {
    const [, names, path = ""] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    // What begins so lies outside of the cgroup namespace of this process.
    if (names === undefined || path === "/.." || path.startsWith("/../")) return [];
    const version = names === "" ? 2 : 1;
    const controllers = version === 2 ? [] : names.split(",");
    const shown = all.filter(
      (each) => each.version === version && controllers.every((name) => each.controllers.includes(name)),
    );
    const way = shown.find(({ root }) => isWithin(path, root));
    if (way === undefined) return [];
    const { root, mountPoint, device } = way;
    const own = `${mountPoint}${root === "/" ? path : path.slice(root.length)}`.replace(/(.)\/$/, "$1");
    const mountPoints = shown.flatMap((each) => (each.device === device ? [each.mountPoint] : []));
    return [{ version, controllers, own, root: mountPoint, mountPoints: [...new Set(mountPoints)] }];
  });
}

/** `ID PARENT MAJOR:MINOR ROOT MOUNT-POINT OPTIONS [TAG…] - TYPE SOURCE SUPER-OPTIONS` */
function groupMount(line: string): readonly GroupMount[] {
  const [before = "", after = ""] = line.split(" - ", 2);
  const [, , device = "", root = "", mountPoint = ""] = before.split(" ");
  const [type, , options = ""] = after.split(" ");
  if (type !== "cgroup" && type !== "cgroup2") return [];
  const version = type === "cgroup2" ? 2 : 1;
  const controllers = version === 2 ? [] : options.split(",");
  return [{ version, controllers, device, root: unescaped(root), mountPoint: unescaped(mountPoint) }];
}

/** Spaces, tabs, line ends and backslashes are written as octal numbers, of bytes. */
function unescaped(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function isWithin(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}
