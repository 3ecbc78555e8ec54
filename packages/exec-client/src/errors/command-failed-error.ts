import type { RunResult } from "../run-types.ts";
import type { SandboxDenial } from "../sandbox/sandbox-denial.ts";
import { hasBrand } from "./brand.ts";

const COMMAND_FAILED_ERROR = Symbol.for("holdfast.CommandFailedError");

/** Characters of standard error that the message repeats: its end. */
const TAIL_MAX_CHARACTERS = 2_048;
/** As many take up to four bytes each. */
const TAIL_MAX_BYTES = 4 * TAIL_MAX_CHARACTERS;
/** Characters of the command that the message repeats: its beginning. */
const COMMAND_MAX_CHARACTERS = 256;

/** A command that was run with `check: true` ended with another exit code than 0. */
export class CommandFailedError<Output extends string | Uint8Array = string | Uint8Array> extends Error {
  override readonly name = "CommandFailedError";
  readonly [COMMAND_FAILED_ERROR] = true;
  readonly code = "command-failed";
  readonly argv: readonly string[];
  readonly exitCode: number;
  /** The signal that an exit code above 128 stands for by custom, e.g. `SIGKILL`. */
  readonly signal: string | undefined;
  /** All that `run` would have returned. */
  readonly result: RunResult<Output>;

  constructor(argv: readonly string[], result: RunResult<Output>) {
    super(messageOf(argv, result));
    this.argv = argv;
    this.exitCode = result.exitCode;
    this.signal = result.signal;
    this.result = result;
  }
}

/** A {@link CommandFailedError} of this or another copy of the package. */
export function isCommandFailed(value: unknown): value is CommandFailedError {
  return hasBrand(value, COMMAND_FAILED_ERROR);
}

/** The first line says what failed and how; those after it are the end of what the command said about it. */
function messageOf(argv: readonly string[], result: RunResult<string | Uint8Array>): string {
  const { exitCode, signal, sandboxDenied, denial } = result;
  const how = signal === undefined ? `exit code ${exitCode}` : `${signal} (exit code ${exitCode})`;
  const denied = denial === undefined && sandboxDenied ? ", its sandbox seems to be why" : "";
  const why = denial === undefined ? "" : `\n${denialText(denial)}`;
  // A terminal has no standard error of its own.
  const tail = tailOf(result.stderr) || tailOf(result.stdout);
  return `command failed with ${how}${denied}: ${shownCommand(argv)}${why}${tail === "" ? "" : `\n${tail}`}`;
}

function denialText({ target, access, rule, allow }: SandboxDenial): string {
  const what = access === "network" ? `reaching ${target}` : `${access === "write" ? "writing" : "reading"} ${target}`;
  return `the sandbox probably refused ${printable(what)} (${printable(rule)}); to allow it: ${printable(allow)}`;
}

function shownCommand(argv: readonly string[]): string {
  const text = argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
  return text.length > COMMAND_MAX_CHARACTERS ? `${text.slice(0, COMMAND_MAX_CHARACTERS)}…` : text;
}

function tailOf(output: string | Uint8Array): string {
  const end = output.slice(-TAIL_MAX_BYTES);
  return printable(typeof end === "string" ? end : new TextDecoder().decode(end))
    .trim()
    .slice(-TAIL_MAX_CHARACTERS);
}

/** What the command said must not act on the terminal that the error is shown on. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
