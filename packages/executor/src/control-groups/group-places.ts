import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { attributesOf } from "../filesystem/extended-attributes.ts";
import { type GroupHierarchy, groupHierarchies } from "./group-hierarchies.ts";

/** A control group that groups may be made below, as far as it can be told without trying. */
export interface GroupPlace {
  readonly version: 1 | 2;
  /** Controllers that groups made there have, of `memory` and `pids`. */
  readonly controllers: readonly string[];
  /** Absolute path. */
  readonly parent: string;
  readonly mountPoints: readonly string[];
}

const CONTROLLERS = ["memory", "pids"];
/** What systemd writes on a group that it leaves to others, `trusted` for the superuser to see, `user` for every user; as hexadecimal. */
const DELEGATED = ["user.delegate=31", "trusted.delegate=31"];

/** What is asked of the system. */
export interface GroupFiles {
  /** Text of a small file; `undefined` where it can't be read. */
  readText(path: string): string | undefined;
  /** Was this group delegated to what runs in it? */
  isDelegated(path: string): boolean;
}

export const REAL_FILES: GroupFiles = {
  readText(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
  isDelegated(path) {
    const attributes = attributesOf(Buffer.from(path)).split("\n");
    return DELEGATED.some((mark) => attributes.includes(mark));
  },
};

/**
 * Where groups for commands may be made, best first: below the group of this process; and beside it, where the group above was
 * delegated. In version 2 that is the only way for most, because a group that has processes has no groups with controllers below
 * it. No process is moved, and no controller is switched on: groups above may have another owner.
 */
export function groupPlaces(files: GroupFiles = REAL_FILES): readonly GroupPlace[] {
  const membership = files.readText("/proc/self/cgroup");
  const mounts = files.readText("/proc/self/mountinfo");
  if (membership === undefined || mounts === undefined) return [];
  return groupHierarchies(membership, mounts).flatMap((each) => placesIn(each, files));
}

function placesIn(hierarchy: GroupHierarchy, files: GroupFiles): readonly GroupPlace[] {
  const { version, own, root, mountPoints } = hierarchy;
  if (version === 1) {
    const controllers = CONTROLLERS.filter((name) => hierarchy.controllers.includes(name));
    return controllers.length === 0 ? [] : [{ version, controllers, parent: own, mountPoints }];
  }
  const above = dirname(own);
  const parents = [own, ...(own !== root && files.isDelegated(above) ? [above] : [])];
  return parents.flatMap((parent) => {
    const enabled = (files.readText(`${parent}/cgroup.subtree_control`) ?? "").trim().split(" ");
    const controllers = CONTROLLERS.filter((name) => enabled.includes(name));
    return controllers.length === 0 ? [] : [{ version, controllers, parent, mountPoints }];
  });
}
