import type { MakeCall } from "./stage-calls.ts";
import type { StageData, Word } from "./stage-data.ts";
import type { StageCall } from "./stage-image.ts";

/** What a stage becomes in the end. */
export interface StageCommand {
  readonly argv: readonly string[];
  readonly arg0?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

const SHELL = "/bin/sh";
const STDERR = 2n;
const ENOEXEC = 8n;
const NOT_FOUND = 127n;
const NOT_EXECUTABLE = 126n;

const REASONS = [
  { errno: 2n, text: "No such file or directory", exitCode: NOT_FOUND },
  { errno: 20n, text: "Not a directory", exitCode: NOT_FOUND },
  { errno: 7n, text: "Argument list too long", exitCode: NOT_EXECUTABLE },
] as const;
const REFUSED = { errno: 13n, text: "Permission denied", exitCode: NOT_EXECUTABLE } as const;

/**
 * The calls that become a command, as the C library's `execvp` does: looked up in the command's own `PATH`, a script without
 * `#!` run by the shell. Where nothing can be run, they say why and end as a shell would.
 */
export function becomeCommand(command: StageCommand, call: MakeCall, data: StageData): readonly StageCall[] {
  const [name = "", ...rest] = command.argv;
  const list = (texts: readonly string[]): Word => data.words([...texts.map((text) => data.text(text)), 0n]);
  const args = list([command.arg0 ?? name, ...rest]);
  const env = list(Object.entries(command.env).map(([key, value]) => `${key}=${value}`));
  const files = candidates(name, command.env.PATH).map((path) => ({ path, at: data.text(path) }));
  const attempt = (file: Word, errno: bigint, goTo: string): StageCall => ({
    ...call("execve", file, args, env),
    when: { result: -errno, goTo },
  });
  const complain = (text: string, exitCode: bigint): [StageCall, StageCall] => {
    const line = Buffer.from(`holdfast: cannot execute ${name}: ${text}\n`);
    return [call("write", STDERR, data.bytes(line), BigInt(line.length)), call("exit_group", exitCode)];
  };
  const labelled = (label: string, [first, ...others]: [StageCall, ...StageCall[]]) => [{ ...first, label }, ...others];
  const shell = data.text(SHELL);
  const byShell = files.flatMap(({ path }, index) =>
    labelled(scriptLabel(index), [
      call("execve", shell, list([SHELL, path, ...rest]), env),
      ...complain(`${SHELL} can't run it`, NOT_EXECUTABLE),
    ]),
  );
  const last = files.slice(-1);
  return [
    ...files.map(({ at }, index) => attempt(at, ENOEXEC, scriptLabel(index))),
    // None could be run. They are asked once more for the reason.
    ...files.map(({ at }) => attempt(at, REFUSED.errno, REFUSED.text)),
    ...last.flatMap(({ at }) => REASONS.map(({ errno, text }) => attempt(at, errno, text))),
    ...complain("it is no program for this machine", NOT_EXECUTABLE),
    ...[REFUSED, ...REASONS].flatMap(({ text, exitCode }) => labelled(text, complain(text, exitCode))),
    ...byShell,
  ];
}

const scriptLabel = (index: number) => `script ${index}`;

function candidates(name: string, path = "/usr/local/bin:/usr/bin:/bin"): string[] {
  return name.includes("/") ? [name] : path.split(":").map((folder) => `${folder === "" ? "." : folder}/${name}`);
}
