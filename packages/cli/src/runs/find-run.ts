import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, UsageError } from "../command-line/failure.ts";
import { executorUrl } from "../executor/executor-url.ts";
import { RunStore } from "./run-store.ts";

const PREFIX_MIN_LENGTH = 4;

/** A run and the executor it is on. */
export interface RunPlace {
  readonly id: string;
  readonly url: URL;
}

/**
 * The run that an ID names: the beginning of one that is recorded here, or the whole ID of one that is not.
 *
 * `--url` goes before the record, and the record before the environment.
 *
 * @throws UsageError the ID is too short, or the URL is none. @throws CommandFailure it names no run, or several.
 */
export async function findRun(context: Context, args: Arguments): Promise<RunPlace> {
  const [id = ""] = args.positionals;
  if (id.length < PREFIX_MIN_LENGTH) {
    throw new UsageError(`ID must have at least ${PREFIX_MIN_LENGTH} characters, not '${id}'`);
  }
  const option = args.text("url");
  const given = option === undefined ? undefined : executorUrl(option, context.env);
  const { records } = await new RunStore(context).list();
  const matching = records.filter((record) => record.id.startsWith(id));
  const record = matching.find((each) => each.id === id) ?? matching[0];
  if (record === undefined) {
    const url = given ?? executorUrl(undefined, context.env);
    if (url !== undefined) return { id, url };
    throw new CommandFailure(
      `no run ${id} is recorded here; \`holdfast ps\` lists them, and one from elsewhere takes its whole ID and --url`,
    );
  }
  if (matching.length > 1 && record.id !== id) {
    throw new CommandFailure(`${id} begins ${matching.length} runs that are recorded here; give more of the ID`);
  }
  return { id: record.id, url: given ?? new URL(record.url) };
}
