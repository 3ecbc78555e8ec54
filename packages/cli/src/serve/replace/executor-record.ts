import { isGone } from "@holdfast/executor";

/** What an executor of this user says of itself, for a program that wants to take its place. */
export interface ExecutorRecord {
  readonly pid: number;
  /** Tells its process from every other one. */
  readonly identity: string;
  /** Where clients find it. */
  readonly url: string;
  readonly version: string;
  /** What became of the last request to be replaced, by its id. */
  readonly outcome?: ReplacementOutcome | undefined;
}

export interface ReplacementOutcome {
  readonly id: string;
  /** Why nothing came of it; absent when the successor serves. */
  readonly refusal?: string | undefined;
}

/** @returns undefined for what is no record. */
export function parseExecutorRecord(text: string): ExecutorRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<ExecutorRecord>;
    const { pid, identity, url, version } = record;
    const isRecord = typeof pid === "number" && [identity, url, version].every((each) => typeof each === "string");
    return isRecord && identity?.startsWith(`${pid}.`) === true ? (record as ExecutorRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the executor is there. */
export function isServing({ identity }: Pick<ExecutorRecord, "identity">): boolean {
  return !isGone(identity);
}
