import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import type { CommandLimitMeans, GroupMeans, LimitMeans } from "@holdfast/sandbox";
import { processIdentity } from "../platform/process-identity.ts";
import { removeGroup } from "./abandoned-groups.ts";
import { groupPrefixOf } from "./group-names.ts";
import { type GroupPlace, groupPlaces, REAL_FILES } from "./group-places.ts";

/** The first one that counts processes for each user namespace: before, all of the user's count. */
const COUNTS_BY_NAMESPACE = [5, 14] as const;
/** Of the trial. Runs count from 1. */
const TRIAL_NUMBER = 0;
const PLACE_MEND = "run the executor where it may make cgroups, see docs/running.md";

/** What is known of the process that asks. */
export interface LimitScene {
  readonly platform: string;
  readonly kernel: string;
  /** Whether its user is root outside of every user namespace, as far as can be told. */
  readonly isMachineRoot: boolean;
}

/**
 * By what the limits of commands are kept here. Control groups are tried: one is made and removed.
 *
 * @param places - Where to try.
 */
export function findLimitMeans(
  scene: LimitScene = thisScene(),
  places: readonly GroupPlace[] = scene.platform === "linux" ? groupPlaces() : [],
): CommandLimitMeans {
  if (scene.platform !== "linux") {
    const none: LimitMeans = { kind: "none", reason: `${scene.platform} has nothing that keeps it: leave it out` };
    return { memory: none, processes: none };
  }
  const usable = places.flatMap((place) => tried(place));
  const group = (controller: string) => usable.find(({ controllers }) => controllers.includes(controller));
  const memory = group("memory");
  const pids = group("pids");
  // Of one hierarchy a process is in one group.
  const isOneGroup = memory?.version !== 2 || pids?.version !== 2 || memory.parent === pids.parent;
  return {
    memory: memory === undefined ? { kind: "rlimit" } : meansOf(memory),
    processes: pids === undefined || !isOneGroup ? withoutGroup(scene) : meansOf(pids),
  };
}

function meansOf({ version, parent, mountPoints }: GroupPlace): GroupMeans {
  return { kind: "group", version, parent, mountPoints };
}

function withoutGroup({ kernel, isMachineRoot }: LimitScene): LimitMeans {
  if (isMachineRoot) {
    const reason = "no cgroup with pids can be made here, and the system's other limit does not bind root";
    return { kind: "none", reason: `${reason}: ${PLACE_MEND}, or as another user` };
  }
  const [major = 0, minor = 0] = kernel.split(".").map(Number.parseFloat);
  const [first, second] = COUNTS_BY_NAMESPACE;
  if (major > first || (major === first && minor >= second)) return { kind: "rlimit" };
  const reason = `no cgroup with pids can be made here, and Linux ${kernel} counts all processes of the user`;
  return { kind: "none", reason: `${reason}: ${PLACE_MEND}, or use Linux ${COUNTS_BY_NAMESPACE.join(".")} or newer` };
}

/** Its files tell whether what was made is a group of that kind. */
const FILES: Readonly<Record<1 | 2, Readonly<Record<string, string>>>> = {
  1: { memory: "memory.limit_in_bytes", pids: "pids.max" },
  2: { memory: "memory.max", pids: "pids.max" },
};

function tried(place: GroupPlace): readonly GroupPlace[] {
  const path = join(place.parent, `${groupPrefixOf(processIdentity(process.pid) ?? "")}${TRIAL_NUMBER}`);
  try {
    // A program that moves a process within a hierarchy of version 2 must be allowed to where both groups have their common parent.
    if (place.version === 2) accessSync(join(place.parent, "cgroup.procs"), constants.W_OK);
    mkdirSync(path);
  } catch {
    return [];
  }
  try {
    const canWrite = (file: string | undefined) => file !== undefined && isWritable(join(path, file));
    const controllers = place.controllers.filter((name) => canWrite(FILES[place.version][name]));
    return controllers.length > 0 && canWrite("cgroup.procs") ? [{ ...place, controllers }] : [];
  } finally {
    removeGroup(path);
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}

function thisScene(): LimitScene {
  const uid = process.getuid?.() ?? 0;
  return {
    platform: process.platform,
    kernel: release(),
    isMachineRoot: outerId(uid, REAL_FILES.readText("/proc/self/uid_map")) === 0,
  };
}

/** What an id of this user namespace is in the one around it; itself where that is not told. Lines are `INSIDE OUTSIDE COUNT`. */
export function outerId(id: number, map: string = ""): number {
  for (const line of map.split("\n")) {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/ +/).map(Number);
    if (id >= inside && id < inside + count) return outside + id - inside;
  }
  return id;
}
