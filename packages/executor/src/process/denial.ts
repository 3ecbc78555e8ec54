import type { Clock } from "@holdfast/rpc";
import type { SandboxType } from "@holdfast/sandbox";
import type { OutputChunk } from "./output-chunk.ts";

/** How long after the exit one more piece of output is waited for. */
export const DENIAL_GRACE_MS = 20;

/** How a confined command ended, as far as its output is still kept. */
export interface CommandOutcome {
  readonly exitCode: number;
  /** Output of a terminal counts as standard output. */
  readonly stdout: readonly Uint8Array[];
  readonly stderr: readonly Uint8Array[];
}

/** Tells whether the sandbox probably refused a command something. */
export interface DenialJudge {
  /** What confines the command. */
  readonly sandboxType: SandboxType;
  readonly delay: Pick<Clock, "after">;
  wasDenied(outcome: CommandOutcome): boolean;
}

export function outcomeOf(exitCode: number, chunks: readonly OutputChunk[]): CommandOutcome {
  const section = (isWanted: (chunk: OutputChunk) => boolean) => chunks.filter(isWanted).map(({ data }) => data);
  return {
    exitCode,
    stdout: section(({ stream }) => stream !== "stderr"),
    stderr: section(({ stream }) => stream === "stderr"),
  };
}
