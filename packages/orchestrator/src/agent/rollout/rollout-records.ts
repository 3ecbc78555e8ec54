import { BASES_MAX } from "./limits.ts";
import { type FileLine, readLines } from "./read-lines.ts";
import { RolloutError } from "./rollout-error.ts";
import { readRecord, type WrittenRecord } from "./rollout-record.ts";
import { META_TYPE, readMeta, type ThreadMeta } from "./thread-meta.ts";

/** A record of a thread, and where it stands. */
export interface PlacedRecord {
  readonly record: WrittenRecord;
  readonly line: FileLine;
  /** Of the file that it stands in: a thread may begin with a part of another one. */
  readonly path: string;
  readonly isPaginated: boolean;
}

/** Where the reading of a thread ends. Default: at its end. */
export interface RolloutEnd {
  /** The last turn that is read. */
  readonly lastTurnId?: string | null | undefined;
  /** The first one that is not. */
  readonly beforeTurnId?: string | null | undefined;
}

export interface RolloutRecordsOptions extends RolloutEnd {
  /** Where the file of another thread lies, for those that begin with a part of it. */
  readonly pathOf: (threadId: string) => Promise<string | undefined>;
  readonly signal?: AbortSignal | undefined;
  /** Told what the thread is, before its first record. */
  readonly onMeta?: ((meta: ThreadMeta) => void) | undefined;
}

const TURN_ENDS = new Set<unknown>(["task_complete", "turn_complete", "turn_aborted"]);
const TURN_STARTS = new Set<unknown>(["task_started", "turn_started"]);

/**
 * The records of a thread, with those of the threads that it begins with. Lines that are broken are passed over, and those that say what the thread is.
 *
 * @throws RolloutError - It is no file of a thread, or has no such turn.
 * @throws Error - A file can not be read.
 */
export async function* rolloutRecords(path: string, options: RolloutRecordsOptions): AsyncGenerator<PlacedRecord> {
  const { lastTurnId, beforeTurnId } = options;
  for await (const placed of fileRecords(path, options, 0, Number.POSITIVE_INFINITY)) {
    const { type, payload } = placed.record;
    const event = type === "event_msg" ? payload.type : undefined;
    if (beforeTurnId != null && TURN_STARTS.has(event) && payload.turn_id === beforeTurnId) return;
    yield placed;
    if (lastTurnId != null && TURN_ENDS.has(event) && payload.turn_id === lastTurnId) return;
  }
  const missing = lastTurnId ?? beforeTurnId;
  if (missing != null) throw new RolloutError(`turn not found: ${missing}`);
}

async function* fileRecords(
  path: string,
  options: RolloutRecordsOptions,
  depth: number,
  endOrdinal: number,
): AsyncGenerator<PlacedRecord> {
  const { signal, pathOf, onMeta } = options;
  let meta: ThreadMeta | undefined;
  let last: WrittenRecord | undefined;
  for await (const line of readLines(path, { signal })) {
    const record = readRecord(line.text);
    if (record === undefined) continue;
    last = record;
    if (meta === undefined) {
      meta = firstMeta(record, path);
      if (depth === 0) onMeta?.(meta);
      const { historyBase: base } = meta;
      if (base !== undefined) {
        if (depth >= BASES_MAX) throw new RolloutError(`${path} is a fork of more than ${BASES_MAX} forks`);
        const basePath = await pathOf(base.threadId);
        if (basePath === undefined) throw new RolloutError(`no rollout found for thread id ${base.threadId}`);
        yield* fileRecords(basePath, options, depth + 1, base.endOrdinal);
      }
      continue;
    }
    if (record.type === META_TYPE) continue;
    if (record.ordinal !== undefined && record.ordinal >= endOrdinal) return;
    yield { record, line, path, isPaginated: meta.historyMode === "paginated" };
  }
  if (meta === undefined) throw new RolloutError(`rollout at ${path} is empty`);
  if (meta.historyMode === "paginated" && last?.ordinal === undefined) {
    throw new RolloutError(`paginated rollout at ${path} has no ordinal on its last line`);
  }
}

function firstMeta({ type, payload }: WrittenRecord, path: string): ThreadMeta {
  const meta = type === META_TYPE ? readMeta(payload) : undefined;
  if (meta === undefined) throw new RolloutError(`rollout at ${path} does not start with session metadata`);
  return meta;
}
