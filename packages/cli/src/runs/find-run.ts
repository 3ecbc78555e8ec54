import { read } from "node:fs";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf, UsageError } from "../command-line/failure.ts";
import { type Credentials, credentialsOf } from "../executor/credentials.ts";
import { executorUrl, namedUrl } from "../executor/executor-url.ts";
import { RunStore } from "./run-store.ts";

const PREFIX_MIN_LENGTH = 4;
/** More than any ID has. */
const ID_FILE_MAX_BYTES = 4_096;
const STDIN = 0;

/** A run and the executor it is on. */
export interface RunPlace {
  readonly id: string;
  readonly url: URL;
  /** Default: none. */
  readonly credentials?: Credentials | undefined;
}

/**
 * The run that an ID names: the beginning of one that is recorded here, or the whole ID of one that is not.
 *
 * `--url` goes before the record, and the record before the environment.
 *
 * @throws UsageError the ID is too short, or the URL is none. @throws CommandFailure it names no run, or several.
 */
export async function findRun(context: Context, args: Arguments): Promise<RunPlace> {
  const id = await runId(context, args);
  if (id.length < PREFIX_MIN_LENGTH) {
    throw new UsageError(`ID must have at least ${PREFIX_MIN_LENGTH} characters, not '${id}'`);
  }
  const given = namedUrl(args, context.env);
  const { records } = await new RunStore(context).list();
  const matching = records.filter((record) => record.id.startsWith(id));
  const record = matching.find((each) => each.id === id) ?? matching[0];
  if (record === undefined) {
    const url = given ?? executorUrl(args, context.env);
    if (url !== undefined) return { id, url, credentials: await credentialsOf(args, context, url) };
    throw new CommandFailure(
      `no run ${id} is recorded here; \`holdfast ps\` lists them, and one from elsewhere takes its whole ID and --url`,
    );
  }
  if (matching.length > 1 && record.id !== id) {
    throw new CommandFailure(`${id} begins ${matching.length} runs that are recorded here; give more of the ID`);
  }
  const url = given ?? new URL(record.url);
  return { id: record.id, url, credentials: await credentialsOf(args, context, url) };
}

async function runId({ cwd }: Context, args: Arguments): Promise<string> {
  const [id] = args.positionals;
  const file = args.text("id-file");
  if (id !== undefined && file !== undefined) throw new UsageError("give ID or --id-file, not both");
  if (id !== undefined) return id;
  if (file === undefined) throw new UsageError("missing argument ID");
  try {
    return (await firstLine(file === "-" ? undefined : resolve(cwd, file))).trim();
  } catch (error) {
    throw new CommandFailure(`cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** @param path - Undefined for standard input, which need not be a thing that can be opened by a name. */
async function firstLine(path: string | undefined): Promise<string> {
  await using opened = path === undefined ? undefined : await open(path);
  const fd = opened?.fd ?? STDIN;
  const buffer = Buffer.alloc(ID_FILE_MAX_BYTES);
  for (let length = 0; ; ) {
    const { bytesRead } = await promisify(read)(fd, buffer, length, buffer.byteLength - length, null);
    length += bytesRead;
    const end = buffer.subarray(0, length).indexOf("\n");
    if (end !== -1 || bytesRead === 0) return buffer.toString("utf8", 0, end === -1 ? length : end);
  }
}
