import {
  COMMAND_OUTPUT_DEFAULT_BYTES,
  COMMAND_TIMEOUT_DEFAULT_MS,
  type CommandExecParams,
  PTY_COLUMNS,
  PTY_ROWS,
} from "@holdfast/app-server-protocol";
import type { TerminalSize } from "@holdfast/exec-client";
import { invalidParams, invalidRequest } from "../faults.ts";
import { checkSize } from "../hosted-process/check-size.ts";
import type { HostedWhat } from "../hosted-process/hosted-process.ts";
import { COMMAND_WORDS } from "../hosted-process/process-words.ts";

/** What a `command/exec` asks for, worked out. */
export interface CommandRequest extends HostedWhat {
  readonly argv: readonly string[];
  /** Undefined: it has no terminal. */
  readonly terminal: TerminalSize | undefined;
  /** Whether its output is told as it comes. */
  readonly isTold: boolean;
  /** Bytes of each stream; `Infinity`: no bound. */
  readonly capBytes: number;
  /** Milliseconds. Undefined: no limit. */
  readonly timeoutMs: number | undefined;
}

/** The rules of `command/exec` for its members, up to those that a permission profile comes before. @throws RpcFault */
export function checkCommandMembers(params: CommandExecParams): void {
  const { command, outputBytesCap, timeoutMs } = params;
  if (command.length === 0) throw invalidRequest("command must not be empty");
  if (isGiven(params.permissionProfile) && isGiven(params.sandboxPolicy)) {
    throw invalidRequest("`permissionProfile` cannot be combined with `sandboxPolicy`");
  }
  if (isGiven(params.size) && params.tty !== true) throw invalidParams("command/exec size requires tty: true");
  if (isGiven(outputBytesCap) && params.disableOutputCap === true) {
    throw invalidParams("command/exec cannot set both outputBytesCap and disableOutputCap");
  }
  if (!isGiven(timeoutMs)) return;
  if (params.disableTimeout === true) {
    throw invalidParams("command/exec cannot set both timeoutMs and disableTimeout");
  }
  if (timeoutMs < 0) throw invalidParams(`command/exec timeoutMs must be non-negative, got ${timeoutMs}`);
}

/** What there is to be taken of it at once. */
export function whatOf({ processId, tty = false, streamStdin = false }: CommandExecParams): HostedWhat {
  return { id: processId ?? undefined, hasTerminal: tty, takesInput: tty || streamStdin };
}

/** What it asks for. @throws RpcFault - A rule is broken that a permission profile comes before. */
export function commandRequestOf(params: CommandExecParams): CommandRequest {
  const { command: argv, tty = false, streamStdoutStderr = false } = params;
  const what = whatOf(params);
  const terminal = tty ? terminalOf(params) : undefined;
  if (what.id === undefined && (what.takesInput || streamStdoutStderr)) {
    throw invalidRequest("command/exec tty or streaming requires a client-supplied processId");
  }
  return {
    ...what,
    argv,
    terminal,
    isTold: tty || streamStdoutStderr,
    capBytes: params.disableOutputCap
      ? Number.POSITIVE_INFINITY
      : (params.outputBytesCap ?? COMMAND_OUTPUT_DEFAULT_BYTES),
    timeoutMs: params.disableTimeout ? undefined : (params.timeoutMs ?? COMMAND_TIMEOUT_DEFAULT_MS),
  };
}

/**
 * What can not be had in a sandbox on Windows, where a command is run to its end in one go.
 *
 * @throws RpcFault
 */
export function checkWindowsSandbox(params: CommandExecParams, request: CommandRequest): void {
  const refuse = (what: string): never => {
    throw invalidRequest(`${what} is not supported with windows sandbox`);
  };
  if (request.isTold || request.takesInput) refuse("streaming command/exec");
  if (params.disableOutputCap || request.capBytes !== COMMAND_OUTPUT_DEFAULT_BYTES) refuse("custom outputBytesCap");
  if (params.disableTimeout) refuse("disableTimeout");
}

function terminalOf({ size }: CommandExecParams): TerminalSize {
  if (!isGiven(size)) return { rows: PTY_ROWS, columns: PTY_COLUMNS };
  checkSize(size, COMMAND_WORDS);
  return { rows: size.rows, columns: size.cols };
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}
