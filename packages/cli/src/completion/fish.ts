import type { Completed, CompletedCommand, CompletedOption } from "./completed-words.ts";

/** In fish, which has other words for a default. */
const RUN_IDS =
  "(set -l state $XDG_STATE_HOME; test -n \"$state\"; or set state ~/.local/state; ls $state/holdfast/runs 2>/dev/null | string replace -r -f '[.]json$' '')";

/** A script for fish. Every word in it is one of this program's own. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap((command) => [
    `complete -c holdfast -f -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.about)}`,
    ...command.options.map((option) => optionLine(command, option)),
    ...argumentLine(command),
  ]);
  return ["# fish completion for holdfast", ...lines, ""].join("\n");
}

function optionLine({ name }: CompletedCommand, { name: option, short, about, value }: CompletedOption): string {
  const flag = `-l ${option}${short === undefined ? "" : ` -s ${short}`}`;
  return `${within(name)} ${flag} ${valueWords(value)}-d ${quoted(about)}`;
}

function argumentLine({ name, argument, takesCommand }: CompletedCommand): readonly string[] {
  if (takesCommand) return [`${within(name)} -a "(__fish_complete_subcommand --fcs-skip=2)"`];
  if (argument.kind === "words") return [`${within(name)} -f -a ${quoted(argument.words.join(" "))}`];
  if (argument.kind === "runs") return [`${within(name)} -f -a ${quoted(RUN_IDS)}`];
  return argument.kind === "files" ? [`${within(name)} -F`] : [`${within(name)} -f`];
}

function within(name: string): string {
  return `complete -c holdfast -n '__fish_seen_subcommand_from ${name}'`;
}

function valueWords(value: Completed | undefined): string {
  if (value === undefined) return "";
  if (value.kind === "words") return `-x -a ${quoted(value.words.join(" "))} `;
  return value.kind === "files" ? "-r -F " : "-x ";
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
