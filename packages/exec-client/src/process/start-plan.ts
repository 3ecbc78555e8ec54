import type { ProcessStartParams } from "@holdfast/exec-server-protocol";
import type { Environment } from "../environment.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { InvalidArgumentError } from "../errors.ts";
import { randomUuid } from "../random-uuid.ts";
import { PROCESS_MARK, withTerminalSize } from "./control-scripts.ts";
import { withFramedStdin } from "./input/framed-stdin.ts";
import { type InputReader, type InputSource, readInput } from "./input/input-source.ts";
import { isWireSignal } from "./signal-names.ts";
import { type StartOptions, toStartParams } from "./start-options.ts";
import { inputOf, type StdinKind, stdinKindOf } from "./stdin-kind.ts";
import type { TerminalSize } from "./terminal-size.ts";

/** A start as it is to be sent, and what to do beside it. */
export interface StartPlan {
  /** The command that was asked for. */
  readonly argv: readonly string[];
  readonly params: ProcessStartParams;
  /** Whether `sh` starts the command, and is what `params` name. */
  readonly isBehindShell: boolean;
  readonly stdin: StdinKind;
  /** What its stdin is to be fed with. Undefined: nothing. */
  readonly source: InputReader | undefined;
  /** What helper commands find it by. Undefined: none of them can, or needs to. */
  readonly mark: string | undefined;
}

/** What a plan depends on besides the options. */
export interface PlanContext {
  readonly processId: string;
  readonly environment: Environment;
  /** Whether it may be sent any signal, or be resized, later on. */
  readonly isControlled: boolean;
}

const LACKS = "the capability holdfastProcessControl";
const LACKS_SHELL = `${LACKS}, and a sh to do without it`;

/**
 * Work out what to send.
 *
 * @throws InvalidArgumentError an option can not be used. @throws UnsupportedError the executor has no way to one.
 */
export function planStart(options: StartOptions, { processId, environment, isControlled }: PlanContext): StartPlan {
  const { terminal, user, maxDetachedMs } = options;
  const isOurs = environment.capabilities.holdfastProcessControl;
  const hasShell = environment.pathConvention !== "windows";
  const tty = isTerminal(options);
  const input = inputOf(options);
  const stdin = stdinKindOf(options, { input, tty, canClose: isOurs });
  if (!isOurs) checkWithoutExtension(options, hasShell);
  if (maxDetachedMs !== undefined && !environment.capabilities.holdfastProcessEnding) {
    throw new UnsupportedError("maxDetachedMs", "the capability holdfastProcessEnding");
  }
  const needsShell = stdin === "stream" || stdin === "file" || (!isOurs && terminal !== undefined);
  if (needsShell && !hasShell) throw new UnsupportedError(terminal === undefined ? "stdin" : "terminal", LACKS_SHELL);
  if (needsShell && options.arg0 !== undefined) {
    throw new UnsupportedError(`arg0 with ${terminal === undefined ? "stdin" : "terminal"}`, LACKS);
  }
  const mark = isControlled && !isOurs && hasShell ? randomUuid() : undefined;
  const params = toStartParams(
    {
      ...options,
      argv: needsShell ? throughShell(options.argv, stdin, terminal) : options.argv,
      tty,
      pipeStdin: stdin === "pipe" || stdin === "stream" || stdin === "file",
      // Last: a caller that passes on its own environment may have the mark of another process in it.
      env: mark === undefined ? options.env : { ...options.env, [PROCESS_MARK]: mark },
    },
    processId,
    environment,
    isOurs
      ? {
          ...(terminal && { terminal: sizeOf(terminal) }),
          ...(user !== undefined && { user }),
          ...(maxDetachedMs !== undefined && { maxDetachedMs }),
        }
      : undefined,
  );
  return {
    argv: options.argv,
    params,
    isBehindShell: needsShell,
    stdin,
    source: input === undefined || stdin === "none" ? undefined : opened(input),
    mark,
  };
}

function isTerminal({ tty, terminal }: StartOptions): boolean {
  if (terminal === undefined) return tty === true;
  if (tty === false)
    throw new InvalidArgumentError("terminal", "terminal is the size of a terminal: tty must not be false");
  return true;
}

function checkWithoutExtension({ user, killSignal }: StartOptions, hasShell: boolean): void {
  if (user !== undefined) throw new UnsupportedError("user", LACKS);
  if (hasShell || isWireSignal(killSignal)) return;
  throw new UnsupportedError(`killSignal: "${killSignal}"`, LACKS_SHELL);
}

/** An empty one is left as it is, for the check that refuses it. */
function throughShell(
  argv: readonly string[],
  stdin: StdinKind,
  terminal: TerminalSize | undefined,
): readonly string[] {
  if (argv.length === 0) return argv;
  if (stdin === "stream" || stdin === "file") return withFramedStdin(stdin, argv);
  return terminal === undefined ? argv : withTerminalSize(terminal, argv);
}

function sizeOf({ rows, columns }: TerminalSize): TerminalSize {
  return { rows, columns };
}

/** @throws InvalidArgumentError it is a stream that somebody else reads. */
function opened(input: InputSource): InputReader {
  try {
    return readInput(input);
  } catch (cause) {
    throw new InvalidArgumentError("input", "input is a stream that is being read already", { cause });
  }
}
