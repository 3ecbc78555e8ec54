import type { PathUri } from "@holdfast/path-uri";
import type { Context } from "../command-line/context.ts";
import type { RunPlace } from "./find-run.ts";
import { RunStore } from "./run-store.ts";

/** Remember a run, so that the beginning of its ID names it. @throws the system's error. */
export async function recordRun(
  context: Pick<Context, "env">,
  { id, url }: RunPlace,
  { argv, cwd }: { readonly argv: readonly string[]; readonly cwd: PathUri | undefined },
): Promise<void> {
  await new RunStore(context).save({
    id,
    url: url.href,
    argv,
    cwd: cwd === undefined ? null : String(cwd),
    startedAt: new Date().toISOString(),
  });
}
