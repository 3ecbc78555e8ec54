import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK } from "../command-line/failure.ts";
import { printableJson, printableLines } from "../command-line/printable.ts";
import { credentialsOf } from "../executor/credentials.ts";
import { executorUrl, namedUrl } from "../executor/executor-url.ts";
import { shownExecutor } from "../executor/shown-executor.ts";
import { RunStore } from "../runs/run-store.ts";
import { type RunWithState, statesOf } from "./run-state.ts";
import { runTable } from "./run-table.ts";

/** `holdfast ps` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const store = new RunStore(context);
  const { records, unreadable } = await store.list();
  const url = namedUrl(args, context.env)?.href;
  // A token is for one executor: the others that are asked must not read it.
  const known = executorUrl(args, context.env);
  const credentials = new Map(known === undefined ? [] : [[known.href, await credentialsOf(args, context, known)]]);
  const asked = url === undefined ? records : records.filter((record) => record.url === url);
  const runs = await statesOf(context, asked, credentials);
  context.stdout.write(printableLines(args.has("json") ? printableJson(runs.map(toJson)) : runTable(runs)));
  for (const name of unreadable) {
    context.stderr.write(
      printableLines(`holdfast ps: ${store.folder} has a file that is no record of a run: ${JSON.stringify(name)}\n`),
    );
  }
  for (const { record, state } of runs) if (state.kind === "gone") await store.remove(record.id);
  return EXIT_OK;
}

function toJson({ record, state }: RunWithState) {
  return {
    ...record,
    url: shownExecutor(record.url),
    state: state.kind,
    exitCode: state.kind === "exited" ? state.exitCode : null,
    pid: state.kind === "running" ? (state.pid ?? null) : null,
  };
}
