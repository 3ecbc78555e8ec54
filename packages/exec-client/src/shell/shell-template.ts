import type { RunOptions, RunResult } from "../run-types.ts";
import { type ShellOf, templateCommand } from "./shell-command.ts";
import type { ShellValue } from "./shell-value.ts";

/** Options of a template: those of `run`, with output as text. */
export type ShellOptions = Omit<RunOptions, "encoding">;

/** Options of `executor.sh`. */
export interface ScriptOptions extends ShellOptions {
  /** `"$1"`, `"$2"` and so on of the script; a list is as many as it has entries. Default: none. */
  readonly args?: readonly ShellValue[] | undefined;
}

/** Runs scripts that are written as templates; see `Executor.$`. */
export interface ShellTemplate {
  (template: TemplateStringsArray, ...values: readonly ShellValue[]): Promise<RunResult>;
  /** The same with options, for every script that follows: ``const repo = executor.$({ cwd: "/repo" }); await repo`git status` ``. */
  (options: ShellOptions): ShellTemplate;
}

type Run = (argv: readonly string[], options: ShellOptions) => Promise<RunResult>;

/** A template over a way to run commands. */
export function shellTemplate(environment: ShellOf, run: Run, options: ShellOptions = {}): ShellTemplate {
  function template(script: TemplateStringsArray, ...values: readonly ShellValue[]): Promise<RunResult>;
  function template(more: ShellOptions): ShellTemplate;
  function template(
    first: TemplateStringsArray | ShellOptions,
    ...values: readonly ShellValue[]
  ): Promise<RunResult> | ShellTemplate {
    if (!isTemplate(first)) return shellTemplate(environment, run, { ...options, ...first });
    return runTemplate(first, values);
  }
  async function runTemplate(script: TemplateStringsArray, values: readonly ShellValue[]): Promise<RunResult> {
    return await run(templateCommand(environment, script, values), options);
  }
  return template;
}

function isTemplate(value: TemplateStringsArray | ShellOptions): value is TemplateStringsArray {
  return Array.isArray(value) && "raw" in value;
}
