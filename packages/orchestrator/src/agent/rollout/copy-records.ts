import type { RolloutRecord } from "./rollout-record.ts";
import { type RolloutRecordsOptions, rolloutRecords } from "./rollout-records.ts";

/** Records that are written at once. */
const BATCH_RECORDS = 256;

/** Where records are written. */
export interface RecordSink {
  append(records: readonly RolloutRecord[]): unknown;
}

/** Copy the records of a thread, without what it is. @throws RolloutError, Error - As `rolloutRecords`, and what the sink throws. */
export async function copyRecords(path: string, sink: RecordSink, options: RolloutRecordsOptions): Promise<void> {
  let batch: RolloutRecord[] = [];
  for await (const { record } of rolloutRecords(path, options)) {
    batch.push({ type: record.type, payload: record.payload });
    if (batch.length < BATCH_RECORDS) continue;
    sink.append(batch);
    batch = [];
  }
  sink.append(batch);
}
