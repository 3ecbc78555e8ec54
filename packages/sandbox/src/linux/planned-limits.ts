import type { CommandLimitMeans, CommandLimits, GroupMeans, LimitMeans } from "../command-limits.ts";
import type { StageLimits } from "../init/stage-limits.ts";
import type { GroupSetting, PlannedGroup } from "../launch-plan.ts";
import { SandboxError } from "../sandbox-error.ts";

/** Of a resource limit on processes, the wrapper's own process in the sandbox takes one. */
const WRAPPER_PROCESSES = 1;

/** How a launch keeps the limits of its command. */
export interface PlannedLimits {
  /** To be made by the starter. */
  readonly groups: readonly PlannedGroup[];
  /** What the stage does before it becomes the command. */
  readonly stage: StageLimits;
  /** Where the command could leave its group, or change it. */
  readonly mountPoints: readonly string[];
}

type Limit = "memory" | "processes";

const WORDS: Readonly<Record<Limit, string>> = {
  memory: "the limit on memory (--command-memory)",
  processes: "the limit on processes (--command-processes)",
};

const NONE: PlannedLimits = { groups: [], stage: { groupFds: [] }, mountPoints: [] };

/**
 * @param fds - Numbers that groups may have in the child; as many as there are hierarchies for limits.
 * @throws SandboxError `unenforceable` where the machine can't keep one: nothing runs without it.
 */
export function plannedLimits(
  limits: CommandLimits | undefined,
  means: CommandLimitMeans | undefined,
  fds: readonly [number, number],
): PlannedLimits {
  if (limits === undefined) return NONE;
  const { memoryBytes, processes } = limits;
  const byParent = new Map<string, GroupSetting[]>();
  const mountPoints = new Set<string>();
  let stage: Omit<StageLimits, "groupFds"> = {};
  const take = (limit: Limit, value: number | undefined, own: Omit<StageLimits, "groupFds">): void => {
    if (value === undefined) return;
    const how = kept(limit, means?.[limit]);
    if (how.kind === "rlimit") {
      stage = { ...stage, ...own };
      return;
    }
    for (const place of how.mountPoints) mountPoints.add(place);
    byParent.set(how.parent, [...(byParent.get(how.parent) ?? []), ...settingsOf(limit, how, value)]);
  };
  take("memory", memoryBytes, { dataBytes: memoryBytes });
  take("processes", processes, { maxProcesses: processes === undefined ? undefined : processes + WRAPPER_PROCESSES });
  const groups = [...byParent].map(
    ([parent, settings], index): PlannedGroup => ({ parent, settings, procsFd: fds[index] ?? fds[0] }),
  );
  return { groups, stage: { ...stage, groupFds: groups.map(({ procsFd }) => procsFd) }, mountPoints: [...mountPoints] };
}

/** @throws SandboxError `unenforceable` for any limit, on a system where none can be kept. */
export function refuseLimits({ memoryBytes, processes }: CommandLimits = {}): void {
  if (memoryBytes !== undefined) kept("memory", undefined);
  if (processes !== undefined) kept("processes", undefined);
}

function kept(limit: Limit, means: LimitMeans | undefined): Exclude<LimitMeans, { readonly kind: "none" }> {
  if (means !== undefined && means.kind !== "none") return means;
  const reason = means?.reason ?? "this system has nothing that keeps it: leave it out";
  throw new SandboxError("unenforceable", `${WORDS[limit]} can not be kept: ${reason}`);
}

function settingsOf(limit: Limit, { version }: GroupMeans, value: number): readonly GroupSetting[] {
  const text = String(value);
  if (limit === "processes") return [{ file: "pids.max", value: text }];
  return version === 2
    ? [
        { file: "memory.max", value: text },
        // Kernels without swap have no such file.
        { file: "memory.swap.max", value: "0", isOptional: true },
        { file: "memory.oom.group", value: "1" },
      ]
    : [
        { file: "memory.limit_in_bytes", value: text },
        // Where memory and swap are not counted together, nothing is to be swapped out.
        { file: "memory.swappiness", value: "0", isOptional: true },
        { file: "memory.memsw.limit_in_bytes", value: text, isOptional: true },
      ];
}
