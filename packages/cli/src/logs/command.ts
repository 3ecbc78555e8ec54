import { isLinkError, isSessionGone } from "@holdfast/exec-client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { Outlet, OutputClosedError } from "../exec/outlet.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { findRun } from "../runs/find-run.ts";
import { gapText, replayEvents } from "../runs/replay-events.ts";
import { type TakenUpRun, takeUpRun } from "../runs/take-up-run.ts";

/** `holdfast logs` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const recoveryMs = recoveryTimeMs(args);
  const place = await findRun(context, args);
  await using taken = await takeUpRun(context, place, { recoveryMs });
  const throughSeq = args.has("follow") ? Number.POSITIVE_INFINITY : taken.process.lastSeq;
  try {
    await print(taken, throughSeq, context);
  } catch (error) {
    if (error instanceof OutputClosedError) return EXIT_OK;
    if (!isLinkError(error)) throw error;
    if (isSessionGone(error)) throw new CommandFailure(reasonOf(error), { cause: error });
    throw new CommandFailure(`the executor is out of reach: ${reasonOf(error)}; the run may go on there`, {
      cause: error,
    });
  }
  return EXIT_OK;
}

async function print({ process }: TakenUpRun, throughSeq: number, context: Context): Promise<void> {
  if (throughSeq === 0) return;
  const stdout = new Outlet(context.stdout, "stdout");
  const stderr = new Outlet(context.stderr, "stderr");
  const onGap = (text: string): void => void context.stderr.write(printableLines(`holdfast logs: ${text}\n`));
  for await (const event of replayEvents(process, (gap) => onGap(gapText(gap)))) {
    if (event.type === "output") await (event.stream === "stderr" ? stderr : stdout).write(event.data);
    if (event.seq >= throughSeq) break;
  }
  await stdout.flush();
  await stderr.flush();
}
