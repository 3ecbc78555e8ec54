import {
  isRemoteError,
  type MissedEvents,
  type ProcessEvent,
  ProcessInputError,
  type TakenInput,
  type WatchedProcess,
} from "@holdfast/exec-client";
import { followTerminalSize } from "@holdfast/exec-client/terminal";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import type { EscapeKeys } from "../exec/escape-keys.ts";
import { ForegroundCommand } from "../exec/foreground-command.ts";
import { LocalInput } from "../exec/local-input.ts";
import { OutageNotice } from "../exec/outage-notice.ts";
import { Outlet } from "../exec/outlet.ts";
import { SignalRelay } from "../exec/signals.ts";
import { TerminalEscapes } from "../exec/terminal-escapes.ts";
import { type OpenExecutor, openRemote } from "../executor/open-executor.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import type { RunPlace } from "../runs/find-run.ts";
import { FRAMED_RUN_PROCESS_ID } from "../runs/run-process-id.ts";
import { watchedRun } from "../runs/watched-run.ts";

/** As of a program that SIGINT ended. */
const EXIT_INTERRUPTED = 130;

export interface WatchOptions {
  /** Type into it, too. */
  readonly takesInput: boolean;
  /** What begins an escape at the start of a line; undefined: nothing. */
  readonly escapedBy: string | undefined;
}

/**
 * Read along at a run that another client has, or nobody; with its input, where that is asked for, until it is given back.
 *
 * @returns the exit code for this program: that of the command where its end was seen.
 * @throws CommandFailure it is no more, or the executor can not do this.
 */
export async function watchRun(
  context: Context,
  args: Arguments,
  place: RunPlace,
  { takesInput, escapedBy }: WatchOptions,
): Promise<number> {
  const recoveryMs = recoveryTimeMs(args);
  using signals = new SignalRelay();
  using notice = new OutageNotice(context.stderr, "holdfast attach", recoveryMs);
  // Before the executor, so that the terminal is given back last.
  using local = takesInput ? new LocalInput(context) : undefined;
  const { onStateChange } = notice;
  const remote = { recoveryMs, credentials: place.credentials, signal: signals.early, onStateChange };
  await using opened = await openLeaving(local, () => openRemote(context, place.url, remote));
  const watched = await watchedRun(opened, place, args.text("process"));
  // Given back before the executor is left.
  await using taken = local === undefined ? undefined : await take(watched);
  const end = takesInput && context.stderr.isTTY ? "\r\n" : "\n";
  const say = (text: string): void => void context.stderr.write(printableLines(`holdfast attach: ${text}`) + end);
  // It is its own client's: nothing that happens here ends it.
  const reader = {
    events: () => eventsOf(watched, say),
    closed: Promise.resolve(),
    interrupt: async () => {},
    terminate: async () => ({ running: false }),
  };
  const command = new ForegroundCommand(reader, {
    stdout: new Outlet(context.stdout, "stdout"),
    stderr: new Outlet(context.stderr, "stderr"),
    whenLost: "leave",
    onLost: async () => `\`holdfast attach ${place.id} --watch\` reads on while the executor keeps it`,
  });
  let isInterrupted = false;
  const interrupt = (): void => {
    isInterrupted = true;
    command.hangUp();
  };
  signals.attach({ interrupt, kill: interrupt, hangUp: () => command.hangUp() });
  const leave = (): void => command.detach();
  const escapes =
    escapedBy === undefined || local?.isTerminal !== true
      ? undefined
      : new TerminalEscapes(
          escapedBy,
          { name: "holdfast attach", stderr: context.stderr },
          { quit: leave, detach: leave },
        );
  const typing =
    local === undefined || taken === undefined
      ? Promise.resolve()
      : type(taken, local, context, { escapes: escapes?.keys, say });
  const exitCode = await command.follow(typing);
  return signals.exitCode ?? (isInterrupted ? EXIT_INTERRUPTED : exitCode);
}

/** On the way to the executor, somebody may be asked for a password in the terminal. */
async function openLeaving(local: LocalInput | undefined, open: () => Promise<OpenExecutor>): Promise<OpenExecutor> {
  using _ = local?.leaveToOthers();
  return await open();
}

async function* eventsOf(
  watched: WatchedProcess,
  say: (text: string) => void,
): AsyncGenerator<ProcessEvent, void, void> {
  for await (const event of watched.events()) {
    if (event.type === "missed") say(missedText(event));
    else yield event;
  }
}

function missedText({ count }: MissedEvents): string {
  return `${count === 1 ? "1 piece" : `${count} pieces`} of the output gone: the executor keeps the newest 1 MiB`;
}

async function take(watched: WatchedProcess): Promise<TakenInput> {
  if (watched.id === FRAMED_RUN_PROCESS_ID) {
    const text = "the program that started the run sends its input, and nobody else can; --watch reads along";
    throw new CommandFailure(text);
  }
  try {
    return await watched.takeInput();
  } catch (error) {
    throw isRemoteError(error) ? new CommandFailure(reasonOf(error), { cause: error }) : error;
  }
}

/** Type into it what is typed here, to the end of that; then its own client has its input again. */
async function type(
  taken: TakenInput,
  local: LocalInput,
  { stdout }: Context,
  { escapes, say }: { readonly escapes: EscapeKeys | undefined; readonly say: (text: string) => void },
): Promise<void> {
  using _size = followTerminalSize(taken, stdout);
  local.takeEveryKey(escapes);
  if (escapes !== undefined) say("the input is taken; Enter, ~. gives it back");
  try {
    for await (const chunk of local.chunks()) await taken.write(chunk);
  } catch (error) {
    // A command that has ended takes nothing any more, and its end is told elsewhere.
    if (error instanceof ProcessInputError) return;
    throw error;
  }
  await taken.giveBack();
}
