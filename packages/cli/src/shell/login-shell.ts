import type { Environment } from "@holdfast/exec-client";

/** Shells that take `-l` to mean that they are to read what they read at a login. */
const TAKE_LOGIN_FLAG: ReadonlySet<string> = new Set([
  "sh",
  "bash",
  "zsh",
  "fish",
  "dash",
  "ash",
  "ksh",
  "mksh",
  "csh",
  "tcsh",
]);

/** What to start for a login shell of the executor's user. */
export function loginShell({ shell: { name, path } }: Pick<Environment, "shell">): readonly string[] {
  return TAKE_LOGIN_FLAG.has(name) ? [path, "-l"] : [path];
}
