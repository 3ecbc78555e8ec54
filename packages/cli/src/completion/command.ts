import type { Arguments } from "../command-line/arguments.ts";
import type { CommandSpec } from "../command-line/command-spec.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK, UsageError } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { bashCompletion } from "./bash.ts";
import { completedWords } from "./completed-words.ts";
import { fishCompletion } from "./fish.ts";
import { COMPLETED_SHELLS } from "./shells.ts";
import { zshCompletion } from "./zsh.ts";

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** `holdfast completion` */
export async function printCompletion(
  { stdout }: Context,
  args: Arguments,
  commands: Readonly<Record<string, CommandSpec>>,
): Promise<number> {
  const [text] = args.positionals;
  const shell = COMPLETED_SHELLS.find((each) => each === text);
  if (shell === undefined) throw new UsageError(`SHELL must be one of ${COMPLETED_SHELLS.join(", ")}, not '${text}'`);
  stdout.write(printableLines(SCRIPTS[shell](completedWords(commands))));
  return EXIT_OK;
}
