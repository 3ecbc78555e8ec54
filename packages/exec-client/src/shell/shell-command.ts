import type { Environment } from "../environment.ts";
import { InvalidArgumentError } from "../errors.ts";
import { posixScript } from "./posix-script.ts";
import { encodedCommand, powerShellScript, powerShellScriptWithArgs } from "./power-shell-script.ts";
import { wordsOf } from "./shell-value.ts";

/** What Windows takes as one command line, in characters; an encoded script is four thirds of twice its length. */
const WINDOWS_COMMAND_LINE_MAX_LENGTH = 32_767;

/** What of an executor says which shell to speak to. */
export type ShellOf = Pick<Environment, "pathConvention" | "shell">;

/**
 * The command that has a shell run a script as it is, with `args` as `"$1"`, `"$2"` and so on; in PowerShell as `$args`.
 *
 * @throws InvalidArgumentError - An argument is no text, or the script is too long for PowerShell.
 */
export function scriptCommand(environment: ShellOf, script: string, args: readonly unknown[] = []): readonly string[] {
  if (typeof script !== "string") throw new InvalidArgumentError("script", `script must be text, not ${typeof script}`);
  const words = args.flatMap((arg, index) => wordsOf(arg, index));
  if (environment.pathConvention !== "windows") return ["sh", "-c", script, "sh", ...words];
  return powerShell(environment, powerShellScriptWithArgs(script, words));
}

/** The command for a template; see `Executor.$`. */
export function templateCommand(
  environment: ShellOf,
  template: Pick<TemplateStringsArray, "raw">,
  values: readonly unknown[],
): readonly string[] {
  const parts = template.raw.map(asWritten);
  const read = values.map((value, index) => ({ words: wordsOf(value, index), isList: Array.isArray(value) }));
  if (environment.pathConvention === "windows") return powerShell(environment, powerShellScript(parts, read));
  const counts = read.map(({ words, isList }) => (isList ? words.length : undefined));
  return ["sh", "-c", posixScript(parts, counts), "sh", ...read.flatMap(({ words }) => words)];
}

/** Backslashes are the shell's, but for those without which a backquote or `${` could not stand in a template. */
function asWritten(raw: string): string {
  return raw.replace(/\\(\\|`|\$\{)/g, (both, second: string) => (second === "\\" ? both : second));
}

function powerShell({ shell }: ShellOf, script: string): readonly string[] {
  const program = /powershell|pwsh/i.test(shell.name) ? shell.path : "powershell.exe";
  const argv = [program, "-NoLogo", "-NoProfile", "-NonInteractive", "-OutputFormat", "Text"];
  const encoded = encodedCommand(script);
  if (encoded.length + argv.join(" ").length + 32 > WINDOWS_COMMAND_LINE_MAX_LENGTH) {
    throw new InvalidArgumentError(
      "script",
      "the script is too long: Windows takes a command line of 32,767 characters",
    );
  }
  return [...argv, "-EncodedCommand", encoded];
}
