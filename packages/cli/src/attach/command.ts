import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { terminalInput } from "../exec/command-input.ts";
import { escapeCharacter } from "../exec/escape-option.ts";
import { ForegroundCommand } from "../exec/foreground-command.ts";
import { LocalInput } from "../exec/local-input.ts";
import { OutageNotice } from "../exec/outage-notice.ts";
import { Outlet } from "../exec/outlet.ts";
import { SignalRelay } from "../exec/signals.ts";
import { tellTakeOvers } from "../exec/tell-take-overs.ts";
import { TerminalEscapes } from "../exec/terminal-escapes.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { findRun } from "../runs/find-run.ts";
import { gapText, replayEvents } from "../runs/replay-events.ts";
import { RUN_PROCESS_ID } from "../runs/run-process-id.ts";
import { RunStore } from "../runs/run-store.ts";
import { type TakenUpRun, takeUpRun } from "../runs/take-up-run.ts";
import { watchRun } from "./watch-run.ts";

/** `holdfast attach` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const recoveryMs = recoveryTimeMs(args);
  const escapedBy = escapeCharacter(args);
  const place = await findRun(context, args);
  const [watches, takesInput] = [args.has("watch"), args.has("take-over")];
  if (!watches && !takesInput && args.text("process") !== undefined) {
    throw new UsageError("--process goes with --watch and --take-over only");
  }
  if (watches || takesInput) return watchRun(context, args, place, { takesInput, escapedBy });
  using signals = new SignalRelay();
  using notice = new OutageNotice(context.stderr, "holdfast attach", recoveryMs);
  const { onStateChange } = notice;
  const taken = await takeUpRun(context, place, { recoveryMs, signal: signals.early, onStateChange });
  // Before the executor, so that the terminal is given back last.
  using local = (await takesKeys(taken)) ? new LocalInput(context) : undefined;
  await using attached = taken;
  const { process } = attached;
  const input = terminalInput(local, { shown: context.stdout, emptyEnds: false });
  const end = context.stderr.isTTY ? "\r\n" : "\n";
  const say = (text: string): void => void context.stderr.write(printableLines(`holdfast attach: ${text}`) + end);
  const command = new ForegroundCommand(process, {
    stdout: new Outlet(context.stdout, "stdout"),
    stderr: new Outlet(context.stderr, "stderr"),
    events: () => replayEvents(process, (gap) => say(gapText(gap))),
    whenLost: "leave",
    onLost: async () =>
      `\`holdfast attach ${place.id}\` takes it up while the executor keeps it, \`holdfast kill\` ends it`,
    onUnended: say,
  });
  signals.attach(command);
  const escapes = local?.isTerminal === true ? escapesOf(escapedBy, context, command) : undefined;
  if (escapes !== undefined) notice.keysText = escapes.summary;
  if (local?.isTerminal === true) void tellTakeOvers(attached.executor, process, say);
  const exitCode = await command.follow(input.pump(process, escapes?.keys));
  if (signals.exitCode === undefined && command.isShown) await new RunStore(context).remove(place.id);
  return signals.exitCode ?? exitCode;
}

/** To quit is to leave it. */
function escapesOf(
  escapedBy: string | undefined,
  { stderr }: Context,
  command: ForegroundCommand,
): TerminalEscapes | undefined {
  if (escapedBy === undefined) return undefined;
  const leave = (): void => command.detach();
  return new TerminalEscapes(escapedBy, { name: "holdfast attach", stderr }, { quit: leave, detach: leave });
}

async function takesKeys(taken: TakenUpRun): Promise<boolean> {
  try {
    return taken.process.id === RUN_PROCESS_ID && (await taken.process.acceptsInput());
  } catch (error) {
    await taken[Symbol.asyncDispose]();
    throw error;
  }
}
