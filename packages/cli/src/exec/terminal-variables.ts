import type { Context } from "../command-line/context.ts";

/** What a program in a terminal needs to know of the one that shows it: of what kind it is, and whether to use its colours. */
const NAMES = ["TERM", "COLORTERM", "NO_COLOR"] as const;

/** The variables by which programs are told of the terminal here. */
export function terminalVariables({ env }: Pick<Context, "env">): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(NAMES.map((name) => [name, env[name]]));
}
