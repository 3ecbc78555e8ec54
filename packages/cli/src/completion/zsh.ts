import type { Completed, CompletedCommand, CompletedOption } from "./completed-words.ts";
import { RUN_IDS } from "./run-ids.ts";

/** A script for zsh, to be found in `$fpath` or evaluated. Every word in it is one of this program's own. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef holdfast
_holdfast_runs() {
  local -a runs
  runs=(\${(f)"$(${RUN_IDS})"})
  compadd -a runs
}
_holdfast() {
  local -a commands
  commands=(
${commands.map(({ name, about }) => `    ${quoted(`${name}:${about}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${commands.map(commandCase).join("\n")}
  esac
}
if [ "$funcstack[1]" = _holdfast ]; then
  _holdfast "$@"
else
  compdef _holdfast holdfast
fi
`;
}

function commandCase({ name, options, argument, takesCommand }: CompletedCommand): string {
  const rest = takesCommand ? quoted("*::command:_normal") : quoted(`*:argument:${action(argument)}`);
  return `    ${name}) _arguments -s ${[...options.map(optionWords), rest].join(" ")} ;;`;
}

function optionWords({ name, short, about, value }: CompletedOption): string {
  const text = about.replaceAll(/[[\]\\:]/g, "\\$&");
  const after = value === undefined ? "" : `:value:${action(value)}`;
  const long = quoted(`*--${name}[${text}]${after}`);
  return short === undefined ? long : `${quoted(`*-${short}[${text}]${after}`)} ${long}`;
}

function action(completed: Completed): string {
  if (completed.kind === "words") return `(${completed.words.join(" ")})`;
  if (completed.kind === "files") return "_files";
  return completed.kind === "runs" ? "_holdfast_runs" : " ";
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
