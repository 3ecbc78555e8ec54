import { isUnsupported, type RunningProcess, type SignalName } from "@holdfast/exec-client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf } from "../command-line/failure.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { findRun } from "../runs/find-run.ts";
import { takeUpRun } from "../runs/take-up-run.ts";
import { signalNamed } from "./signal-named.ts";

const DEFAULT_SIGNAL = "SIGTERM";

/** `holdfast kill` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const recoveryMs = recoveryTimeMs(args);
  const signal = signalNamed(args.text("signal") ?? DEFAULT_SIGNAL);
  const place = await findRun(context, args);
  await using taken = await takeUpRun(place, { recoveryMs });
  if (!(await isSent(taken.process, signal))) {
    throw new CommandFailure(`run ${place.id} has ended already${await exitOf(taken.process)}; nothing was sent`);
  }
  return EXIT_OK;
}

async function isSent(process: RunningProcess, signal: SignalName): Promise<boolean> {
  try {
    return await process.kill(signal);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    throw new CommandFailure(`${reasonOf(error)}; --signal KILL and INT go everywhere`, { cause: error });
  }
}

async function exitOf(process: RunningProcess): Promise<string> {
  const status = await Promise.race([process.exited, Promise.resolve(undefined)]);
  return status === undefined ? "" : `, with exit code ${status.exitCode}`;
}
