import { fileSystemPolicyOf } from "@holdfast/permission-profile";
import type { Clock } from "@holdfast/rpc";
import { type LaunchPlan, type Machine, plan, type SandboxIntent } from "@holdfast/sandbox";
import { fewLooks, TooManyLooks } from "./few-looks.ts";
import { MAX_ENTRIES_AT_ONCE, MAX_GLOBS_AT_ONCE, MAX_LOOKS_AT_ONCE, MAX_PATH_CHARACTERS_AT_ONCE } from "./limits.ts";
import { PlanThread } from "./plan-thread.ts";

/**
 * Makes plans without blocking the event loop: usual ones at once, because they take less than a millisecond; large ones, and those
 * that turn out to look at many files, in a thread of their own.
 */
export class Planner {
  readonly #thread: PlanThread;

  constructor(delay: Pick<Clock, "after">) {
    this.#thread = new PlanThread(delay);
  }

  /** @throws SandboxError (or rejects with it) when nothing may be started. */
  plan(intent: SandboxIntent, machine: Machine): LaunchPlan | Promise<LaunchPlan> {
    const { files, ...facts } = machine;
    if (isLarge(intent)) return this.#thread.plan({ intent, machine: facts });
    try {
      return plan(intent, { ...facts, files: fewLooks(files, MAX_LOOKS_AT_ONCE) });
    } catch (thrown) {
      if (!(thrown instanceof TooManyLooks)) throw thrown;
      return this.#thread.plan({ intent, machine: facts });
    }
  }

  close(): void {
    this.#thread.close();
  }
}

function isLarge({ context }: SandboxIntent): boolean {
  const policy = fileSystemPolicyOf(context.permissions);
  if (policy.kind !== "restricted") return false;
  const { entries } = policy;
  // Entries below workspace roots are there once for each of them.
  const roots = Math.max(1, context.workspaceRoots?.length ?? 1);
  if (entries.length * roots > MAX_ENTRIES_AT_ONCE) return true;
  let [globs, characters] = [0, 0];
  for (const { path } of entries) {
    if (path.type === "glob_pattern") globs += roots;
    characters += path.type === "path" ? path.path.length : path.type === "glob_pattern" ? path.pattern.length : 0;
  }
  return globs > MAX_GLOBS_AT_ONCE || characters > MAX_PATH_CHARACTERS_AT_ONCE;
}
