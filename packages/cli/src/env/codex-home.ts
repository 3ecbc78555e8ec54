import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Context } from "../command-line/context.ts";

/** The folder with the configuration of Codex, absolute: `$CODEX_HOME`, else `~/.codex`. */
export function codexHome({ env, cwd }: Pick<Context, "env" | "cwd">): string {
  const { CODEX_HOME: named, HOME: home } = env;
  return named ? resolve(cwd, named) : join(home || homedir(), ".codex");
}
