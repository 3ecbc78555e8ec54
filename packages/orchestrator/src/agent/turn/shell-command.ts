import type { Clock } from "@holdfast/rpc";
import type { StepPlace } from "../../steps/step-snapshot.ts";
import { UnifiedExec } from "../../unified-exec/unified-exec.ts";
import { message } from "../context/told.ts";
import { type CommandItem, CommandItems } from "../tools/command-items.ts";
import { uuidV7 } from "../uuid-v7.ts";
import { SHELL_COMMAND_MAX_MS, SHELL_OUTPUT_MAX_LENGTH } from "./limits.ts";
import { SHELL_COMMAND } from "./marks.ts";
import type { TurnItems } from "./turn-items.ts";
import type { TurnPort } from "./turn-port.ts";

/** A command that the user has typed. */
export interface ShellCommand {
  readonly port: TurnPort;
  readonly items: TurnItems;
  readonly place: StepPlace;
  readonly command: string;
  readonly clock: Clock;
  readonly threadId: string;
  readonly sessionId: string;
  readonly maxDetachedMs: number;
  readonly signal: AbortSignal;
}

/**
 * Run a command of the user, without a sandbox: it is theirs. The model hears of it with what is asked next. An interruption ends it.
 *
 * @throws ExecError - It could not be started. @throws The reason of the signal, once it has ended.
 */
export async function runShellCommand(shell: ShellCommand): Promise<void> {
  const { port, items, place, command, clock, threadId, sessionId, maxDetachedMs, signal } = shell;
  const commands = new CommandItems(clock);
  const callId = uuidV7();
  const exec = new UnifiedExec({
    environments: () => ({ ...place, sandbox: "none" }),
    settings: { approvalPolicy: "never", sandbox: "none", threadId, sessionId, maxDetachedMs },
    onEvent: (event) => commands.follow(event),
    clock,
  });
  commands.expect(callId, { port, items, source: "userShell", itemId: callId });
  const ended = commands.ended(callId);
  const end = (): void => void exec.close();
  const timer = clock.after(SHELL_COMMAND_MAX_MS, end);
  signal.addEventListener("abort", end, { once: true });
  try {
    signal.throwIfAborted();
    await exec.exec({ cmd: command }, { callId });
    const item = await ended;
    if (item !== undefined) port.record([message("user", [shellText(command, item)])]);
    signal.throwIfAborted();
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", end);
    commands.forgetUnbegun(callId);
    await exec.close();
  }
}

function shellText(command: string, { exitCode, durationMs, aggregatedOutput }: CommandItem): string {
  const seconds = ((durationMs ?? 0) / 1_000).toFixed(4);
  const result = `Exit code: ${exitCode ?? -1}\nDuration: ${seconds} seconds\nOutput:\n${shortened(aggregatedOutput ?? "")}`;
  return `${SHELL_COMMAND}\n<command>\n${command}\n</command>\n<result>\n${result}\n</result>\n</user_shell_command>`;
}

function shortened(text: string): string {
  if (text.length <= SHELL_OUTPUT_MAX_LENGTH) return text;
  const half = SHELL_OUTPUT_MAX_LENGTH / 2;
  return `${text.slice(0, half)}…${text.length - SHELL_OUTPUT_MAX_LENGTH} chars truncated…${text.slice(-half)}`;
}
