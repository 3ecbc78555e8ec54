import { programCandidates, TOO_MANY_PATH_FOLDERS } from "../program-candidates.ts";
import type { MakeCall } from "./stage-calls.ts";
import type { StageData, Word } from "./stage-data.ts";
import type { StageCall } from "./stage-image.ts";

/** What a stage becomes in the end. */
export interface StageCommand {
  /** At least one entry; without a slash the program is looked up in `PATH` of `env`. */
  readonly argv: readonly string[];
  /** What the command sees as its own name. Absent: `argv[0]`. */
  readonly arg0?: string | undefined;
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  /** What `PWD` is; takes precedence over `env`. Absent: as `env` says. */
  readonly pwd?: string | undefined;
}

const STDERR = 2n;
const NOT_FOUND = 127n;
const NOT_EXECUTABLE = 126n;

/** Why a command can't be run. */
export interface Reason {
  readonly errno: bigint;
  readonly text: string;
  readonly exitCode: bigint;
}

const REASONS: readonly Reason[] = [
  { errno: 2n, text: "No such file or directory", exitCode: NOT_FOUND },
  { errno: 20n, text: "Not a directory", exitCode: NOT_FOUND },
  { errno: 7n, text: "Argument list too long", exitCode: NOT_EXECUTABLE },
  { errno: 26n, text: "Text file busy", exitCode: NOT_EXECUTABLE },
  { errno: 36n, text: "File name too long", exitCode: NOT_EXECUTABLE },
  { errno: 40n, text: "Too many levels of symbolic links", exitCode: NOT_EXECUTABLE },
];
const REFUSED: Reason = { errno: 13n, text: "Permission denied", exitCode: NOT_EXECUTABLE };
/** Found, and no program: other folders are not looked into, and no shell guesses what it is. */
const NO_PROGRAM: Reason = { errno: 8n, text: "Exec format error", exitCode: NOT_EXECUTABLE };

/** Where a command without a `PATH` is looked for, programs of one's own included. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Where none of the others fits. */
const ODD: Reason = { errno: 0n, text: "it is no program for this machine", exitCode: NOT_EXECUTABLE };

/** The calls that say why nothing can be run, and end the program. */
export type Refuse = (reason: Reason) => readonly [StageCall, ...StageCall[]];

/**
 * The calls that become a command, which is looked up in its own `PATH`. Where nothing can be run, they say why and end as a
 * shell would.
 *
 * @param refuse - Instead of that.
 */
export function becomeCommand(
  command: StageCommand,
  call: MakeCall,
  data: StageData,
  refuse?: Refuse,
): readonly StageCall[] {
  const [name = "", ...rest] = command.argv;
  const args = data.list([command.arg0 ?? name, ...rest]);
  const env = data.list(variablesOf(command));
  const { files, isCut } = programCandidates(name, command.env.PATH ?? DEFAULT_PATH);
  const places = files.map((path) => data.text(path));
  const attempt = (file: Word, { errno, text }: Reason): StageCall => ({
    ...call("execve", file, args, env),
    when: { result: -errno, goTo: text },
  });
  const complain: Refuse = ({ errno, text, exitCode }) => {
    const number = errno === 0n ? "" : ` (os error ${errno})`;
    const more = isCut && exitCode === NOT_FOUND ? `: ${TOO_MANY_PATH_FOLDERS}` : "";
    const line = Buffer.from(`holdfast: cannot execute ${name}: ${text}${number}${more}\n`);
    return [call("write", STDERR, data.bytes(line), BigInt(line.length)), call("exit_group", exitCode)];
  };
  const told = refuse ?? complain;
  const reasoned = (reason: Reason): StageCall[] => {
    const [first, ...rest] = told(reason);
    return [{ ...first, label: reason.text }, ...rest];
  };
  return [
    ...places.map((file) => attempt(file, NO_PROGRAM)),
    // None could be run. They are asked once more for the reason.
    ...places.map((file) => attempt(file, REFUSED)),
    ...places.slice(-1).flatMap((file) => REASONS.map((reason) => attempt(file, reason))),
    ...told(ODD),
    ...[NO_PROGRAM, REFUSED, ...REASONS].flatMap(reasoned),
  ];
}

function variablesOf({ env, pwd }: StageCommand): readonly string[] {
  const variables: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (name !== "PWD" || pwd === undefined) variables.push(`${name}=${value}`);
  }
  if (pwd !== undefined) variables.push(`PWD=${pwd}`);
  return variables;
}
