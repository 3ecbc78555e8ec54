import { MAX_ENTRIES, MAX_RESOLVED_ENTRIES } from "@holdfast/permission-profile";
import {
  MAX_GLOB_MATCHES,
  MAX_GLOB_VISITS,
  MAX_MOUNTS,
  MAX_PROCESSES,
  MAX_SHARED_MEMORY_BYTES,
  MAX_VARIABLES,
} from "@holdfast/sandbox";
import type { LimitRange } from "./limit-ranges.ts";
import { MAX_WAITING_PLANS, PLAN_PATIENCE_MS, THREAD_MEMORY_MB } from "./planning/limits.ts";

/** A bound that is the same for every executor. */
export interface FixedLimit extends Pick<LimitRange, "unit" | "about"> {
  readonly name: string;
  readonly value: number;
}

const BYTES_PER_MB = 1_048_576;

/** The bounds of confined commands. */
export const FIXED_LIMITS: readonly FixedLimit[] = [
  { name: "maxProfileEntries", value: MAX_ENTRIES, unit: "count", about: "entries of one profile" },
  {
    name: "maxResolvedEntries",
    value: MAX_RESOLVED_ENTRIES,
    unit: "count",
    about: "entries that they become, one for each workspace root",
  },
  { name: "maxConfinedVariables", value: MAX_VARIABLES, unit: "count", about: "variables of one confined command" },
  { name: "maxGlobMatches", value: MAX_GLOB_MATCHES, unit: "count", about: "files that its deny patterns match" },
  { name: "maxGlobVisits", value: MAX_GLOB_VISITS, unit: "count", about: "folder entries looked at for them" },
  { name: "maxMounts", value: MAX_MOUNTS, unit: "count", about: "mounts of one sandbox" },
  { name: "maxConfinedProcesses", value: MAX_PROCESSES, unit: "count", about: "its processes and threads at once" },
  {
    name: "maxSharedMemoryBytes",
    value: MAX_SHARED_MEMORY_BYTES,
    unit: "bytes",
    about: "its shared memory, or a quarter of the machine's where that is less",
  },
  { name: "planPatienceMs", value: PLAN_PATIENCE_MS, unit: "ms", about: "how long one large profile is worked out" },
  {
    name: "maxWaitingPlans",
    value: MAX_WAITING_PLANS,
    unit: "count",
    about: "large profiles that wait for their turn",
  },
  {
    name: "maxPlanMemoryBytes",
    value: THREAD_MEMORY_MB * BYTES_PER_MB,
    unit: "bytes",
    about: "memory for working one out",
  },
];
