import type { LaunchPlan, SandboxIntent, SandboxType } from "@holdfast/sandbox";
import type { CommandOutcome } from "../process/index.ts";

/** How a command ended, and what confined it. */
export interface ConfinedOutcome extends CommandOutcome {
  readonly sandboxType: SandboxType;
}

/** What this machine can do to confine commands. */
export interface Sandboxing {
  /** Can files be confined here? As far as it is known without waiting. */
  readonly isLikely: boolean;
  /** Called at the first connection: find out what this machine offers. Absent: there is nothing to find out. */
  tryOut?(): void;
  /** Nothing will be planned any more. Absent: nothing has to be let go. */
  close?(): void;
  /**
   * What has to be started for an intent, for the files as they are now.
   *
   * @throws SandboxError (or rejects with it) when it is wrong or can't be enforced.
   */
  plan(intent: SandboxIntent): LaunchPlan | Promise<LaunchPlan>;
  /** Whether a command probably failed because of what confined it. Advice only. */
  wasDenied(outcome: ConfinedOutcome): boolean;
}
