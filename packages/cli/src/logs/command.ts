import { isLinkError, isSessionGone, type ProcessEvent } from "@holdfast/exec-client";
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
    await print(taken, throughSeq, { context, asJson: args.has("json") });
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

interface Printing {
  readonly context: Context;
  readonly asJson: boolean;
}

async function print({ process }: TakenUpRun, throughSeq: number, { context, asJson }: Printing): Promise<void> {
  if (throughSeq === 0) return;
  const output = new Outlet(context.stdout, "stdout");
  const stderr = new Outlet(context.stderr, "stderr");
  const onGap = (text: string): void => void context.stderr.write(printableLines(`holdfast logs: ${text}\n`));
  for await (const event of replayEvents(process, (gap) => onGap(gapText(gap)))) {
    if (asJson) await output.write(Buffer.from(printableLines(`${JSON.stringify(toJson(event))}\n`)));
    else if (event.type === "output") await (event.stream === "stderr" ? stderr : output).write(event.data);
    if (event.seq >= throughSeq) break;
  }
  await output.flush();
  await stderr.flush();
}

function toJson(event: ProcessEvent) {
  const { seq, type } = event;
  if (event.type === "output")
    return { type, seq, stream: event.stream, base64: Buffer.from(event.data).toString("base64") };
  return event.type === "exited" ? { type, seq, exitCode: event.exitCode } : { type, seq };
}
