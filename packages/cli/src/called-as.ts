import { delimiter, dirname, relative } from "node:path";
import type { Context } from "./command-line/context.ts";

const NAME = "holdfast";

/**
 * How this program is called from where the user stands: by its name where that is on `PATH`, else by a path.
 *
 * @param startedBy - Absolute path of the file that was started.
 */
export function calledAs({ env, cwd }: Pick<Context, "env" | "cwd">, startedBy = process.argv[1] ?? NAME): string {
  // npm puts folders into PATH that the user does not have there, runs scripts in the package's folder, and says where it was called.
  const isByNpm = env.INIT_CWD !== undefined;
  if (!isByNpm && (env.PATH ?? "").split(delimiter).includes(dirname(startedBy))) return NAME;
  const path = relative(env.INIT_CWD ?? cwd, startedBy);
  if (path.startsWith("..")) return startedBy;
  return path.includes("/") ? path : `./${path}`;
}
