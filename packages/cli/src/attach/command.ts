import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { printableLines } from "../command-line/printable.ts";
import { terminalInput } from "../exec/command-input.ts";
import { ForegroundCommand } from "../exec/foreground-command.ts";
import { LocalInput } from "../exec/local-input.ts";
import { OutageNotice } from "../exec/outage-notice.ts";
import { Outlet } from "../exec/outlet.ts";
import { SignalRelay } from "../exec/signals.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { findRun } from "../runs/find-run.ts";
import { gapText, replayEvents } from "../runs/replay-events.ts";
import { RUN_PROCESS_ID } from "../runs/run-process-id.ts";
import { RunStore } from "../runs/run-store.ts";
import { type TakenUpRun, takeUpRun } from "../runs/take-up-run.ts";

/** `holdfast attach` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const recoveryMs = recoveryTimeMs(args);
  const place = await findRun(context, args);
  using signals = new SignalRelay();
  using notice = new OutageNotice(context.stderr, "holdfast attach", recoveryMs);
  const { onStateChange } = notice;
  const taken = await takeUpRun(place, { recoveryMs, signal: signals.early, onStateChange });
  // Before the executor, so that the terminal is given back last.
  using local = (await takesKeys(taken)) ? new LocalInput(context) : undefined;
  await using attached = taken;
  const { process } = attached;
  const input = terminalInput(local, { shown: context.stdout, emptyEnds: false });
  const onGap = (text: string): void => void context.stderr.write(printableLines(`holdfast attach: ${text}\n`));
  const command = new ForegroundCommand(process, {
    stdout: new Outlet(context.stdout, "stdout"),
    stderr: new Outlet(context.stderr, "stderr"),
    events: () => replayEvents(process, (gap) => onGap(gapText(gap))),
    whenLost: "leave",
    onLost: async () => `\`holdfast attach ${place.id}\` takes it up while the executor keeps it`,
  });
  signals.attach(command);
  const exitCode = await command.follow(input.pump(process));
  if (signals.exitCode === undefined && command.isShown) await new RunStore(context).remove(place.id);
  return signals.exitCode ?? exitCode;
}

async function takesKeys(taken: TakenUpRun): Promise<boolean> {
  try {
    return taken.process.id === RUN_PROCESS_ID && (await taken.process.acceptsInput());
  } catch (error) {
    await taken[Symbol.asyncDispose]();
    throw error;
  }
}
