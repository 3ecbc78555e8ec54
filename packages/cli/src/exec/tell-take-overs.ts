import type { Executor, RunningProcess } from "@holdfast/exec-client";

/** Tell whoever types into a process that another client has taken its input, and when it is back. Never rejects. */
export async function tellTakeOvers(
  { environment }: Pick<Executor, "environment">,
  process: RunningProcess,
  say: (text: string) => void,
): Promise<void> {
  if (!environment.capabilities.holdfastSharing) return;
  let wasTaken = false;
  try {
    for await (const isTaken of process.inputChanges()) {
      if (isTaken !== wasTaken)
        say(isTaken ? "another client types now: what is typed here waits" : "the input is yours again");
      wasTaken = isTaken;
    }
  } catch {
    // The line is gone for good, which is told elsewhere.
  }
}
