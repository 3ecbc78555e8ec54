import type { CommandSpec } from "../command-line/command-spec.ts";

/**
 * `holdfast completion`
 *
 * @param commands - All commands of the program.
 */
export function completionCommand(commands: () => Readonly<Record<string, CommandSpec>>): CommandSpec {
  return {
    summary: "print the script by which a shell completes the words of holdfast",
    synopsis: "bash|zsh|fish",
    options: {},
    positionals: ["SHELL"],
    details: `
  bash   holdfast completion bash >~/.local/share/bash-completion/completions/holdfast
  zsh    holdfast completion zsh >DIR/_holdfast, with DIR in $fpath
  fish   holdfast completion fish >~/.config/fish/completions/holdfast.fish

or, for the shell that runs: eval "$(holdfast completion bash)", eval "$(holdfast completion zsh)", holdfast completion fish | source.

Commands, options, their words where these are few, files of this machine, and IDs of runs that are recorded here.`,
    load: async () => {
      const { printCompletion } = await import("./command.ts");
      return { run: (context, args) => printCompletion(context, args, commands()) };
    },
  };
}
