import type { Completed, CompletedCommand } from "./completed-words.ts";
import { RUN_IDS } from "./run-ids.ts";

/** A script for bash. Every word in it is one of this program's own. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# bash completion for holdfast
# A name with blanks is one, and one with wildcards is itself.
_holdfast_offer() {
  local each
  while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen "$1" -- "$2")
}
_holdfast() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} i
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${names} --help --version' -- "$cur"))
    return
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == -- ]]; then
      if ((i == COMP_CWORD - 1)); then _holdfast_offer -c "$cur"; else _holdfast_offer -f "$cur"; fi
      return
    fi
  done
  case "\${COMP_WORDS[1]} $prev" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${commands.map(commandCase).join("\n")}
  esac
}
complete -o filenames -F _holdfast holdfast
`;
}

function valueCases({ name, options }: CompletedCommand): readonly string[] {
  return options.flatMap(({ name: option, short, value }) => {
    if (value === undefined) return [];
    const patterns = [`'${name} --${option}'`, ...(short === undefined ? [] : [`'${name} -${short}'`])];
    return [`    ${patterns.join(" | ")}) ${reply(value)}return ;;`];
  });
}

function commandCase({ name, options, argument, takesCommand }: CompletedCommand): string {
  const flags = options.flatMap(({ name: option, short }) => [
    `--${option}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ]);
  const all = [...flags, ...(takesCommand ? ["--"] : [])].join(" ");
  const flagReply =
    all === "" ? "" : `if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '${all}' -- "$cur")); return; fi; `;
  return `    '${name}') ${flagReply}${reply(argument)};;`;
}

function reply(completed: Completed): string {
  if (completed.kind === "words") return `COMPREPLY=($(compgen -W '${completed.words.join(" ")}' -- "$cur")); `;
  if (completed.kind === "files") return '_holdfast_offer -f "$cur"; ';
  return completed.kind === "runs" ? `COMPREPLY=($(compgen -W "$(${RUN_IDS})" -- "$cur")); ` : "";
}
