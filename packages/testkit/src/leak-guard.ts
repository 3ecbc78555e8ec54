import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { until } from "./until.ts";

/** Looks for what a test left behind. */
export interface LeakGuard extends AsyncDisposable {
  /**
   * Wait until everything that came into being since the guard was set is gone.
   *
   * @throws Error that names the sockets, pipes, children and timers which are left when the deadline has passed.
   */
  check(options?: { readonly deadlineMs?: number }): Promise<void>;
}

/** Kinds of active resources that a finished piece of work must not leave behind. */
const WATCHED_RESOURCES: ReadonlySet<string> = new Set([
  "ProcessWrap",
  "TCPServerWrap",
  "TCPSocketWrap",
  "TCPConnectWrap",
  "PipeWrap",
  "PipeServerWrap",
  "FSEventWrap",
]);

/**
 * Remember which sockets, pipes and children there are now. `await using guard = leakGuard()` checks when the scope
 * ends, after everything declared below it has been disposed of.
 */
export function leakGuard(): LeakGuard {
  const before = { resources: countResources(), fds: openLines(), children: childPids() };
  const check: LeakGuard["check"] = async ({ deadlineMs = 10_000 } = {}) => {
    let left: string[] = [];
    await until(
      () => {
        left = findLeaks(before);
        return left.length === 0;
      },
      { deadlineMs, what: () => `nothing leaked; left over: ${left.join(", ")}` },
    );
  };
  return { check, [Symbol.asyncDispose]: () => check() };
}

interface Snapshot {
  readonly resources: ReadonlyMap<string, number>;
  readonly fds: ReadonlySet<string>;
  readonly children: ReadonlySet<number>;
}

function findLeaks(before: Snapshot): string[] {
  const leaks: string[] = [];
  for (const [kind, count] of countResources()) {
    const extra = count - (before.resources.get(kind) ?? 0);
    if (extra > 0) leaks.push(`${extra} ${kind}`);
  }
  for (const line of openLines()) if (!before.fds.has(line)) leaks.push(line);
  for (const pid of childPids()) if (!before.children.has(pid)) leaks.push(`child ${pid} (${commandOf(pid)})`);
  return leaks;
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (WATCHED_RESOURCES.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Sockets and pipes this process holds. The kernel's number in the name tells one from its successor at the same fd. */
function openLines(): Set<string> {
  const lines = new Set<string>();
  for (const fd of listOrNothing("/proc/self/fd")) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (target.startsWith("socket:") || target.startsWith("pipe:")) lines.add(target);
    } catch {
      // The descriptor of the listing itself is gone by now.
    }
  }
  return lines;
}

function childPids(): Set<number> {
  const pids = new Set<number>();
  for (const thread of listOrNothing("/proc/self/task")) {
    for (const pid of readOrNothing(`/proc/self/task/${thread}/children`).split(" ")) {
      if (pid !== "") pids.add(Number(pid));
    }
  }
  return pids;
}

function commandOf(pid: number): string {
  return readOrNothing(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

function listOrNothing(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
