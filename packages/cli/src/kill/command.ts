import { isUnsupported, type RunningProcess, type SignalName } from "@holdfast/exec-client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf } from "../command-line/failure.ts";
import { openRemote } from "../executor/open-executor.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { findRun, type RunPlace } from "../runs/find-run.ts";
import { RunUnavailable, takeUpRun } from "../runs/take-up-run.ts";
import { watchedRun } from "../runs/watched-run.ts";
import { signalNamed } from "./signal-named.ts";

const DEFAULT_SIGNAL = "SIGTERM";

/** `holdfast kill` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const recoveryMs = recoveryTimeMs(args);
  const signal = signalNamed(args.text("signal") ?? DEFAULT_SIGNAL);
  const place = await findRun(context, args);
  try {
    await using taken = await takeUpRun(context, place, { recoveryMs });
    if (await isSent(taken.process, signal)) return EXIT_OK;
    throw new CommandFailure(`run ${place.id} has ended already${await exitOf(taken.process)}; nothing was sent`);
  } catch (error) {
    if (!(error instanceof RunUnavailable) || error.why !== "elsewhere") throw error;
    return await killShared(context, place, { signal, recoveryMs, held: error });
  }
}

/** Of a run that another client has, which keeps it. */
async function killShared(
  context: Context,
  place: RunPlace,
  { signal, recoveryMs, held }: { readonly signal: SignalName; readonly recoveryMs: number; readonly held: Error },
): Promise<number> {
  await using opened = await openRemote(context, place.url, { recoveryMs, credentials: place.credentials });
  const watched = await watchedRun(opened, place, undefined).catch((error: unknown) => {
    throw error instanceof CommandFailure ? held : error;
  });
  if (await watched.kill(signal)) return EXIT_OK;
  throw new CommandFailure(`run ${place.id} has ended already; nothing was sent`);
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
