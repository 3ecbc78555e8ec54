import { recordedUrl } from "../executor/executor-url.ts";

/** What this machine remembers of a command that was left running. */
export interface RunRecord {
  /** Id of its session on the executor. Whoever has it and the URL may take the run up. */
  readonly id: string;
  /** Of its executor; `program:` and a command line where that is the way to it. */
  readonly url: string;
  readonly argv: readonly string[];
  /** Working folder on the executor, a `file:` URI; null when the executor does not tell. */
  readonly cwd: string | null;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Names that are safe as the name of a file: what an executor calls its sessions is its own choice. */
const SAFE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{3,127}$/;

/** Whether a run of this id can be recorded. */
export function isRecordableId(id: string): boolean {
  return SAFE_ID.test(id);
}

/** The record that this text holds; undefined when it holds none. */
export function parseRunRecord(text: string): RunRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { id, url, argv, cwd, startedAt } = value as Record<keyof RunRecord, unknown>;
  if (typeof id !== "string" || !isRecordableId(id) || typeof url !== "string" || recordedUrl(url) === undefined)
    return undefined;
  if (!Array.isArray(argv) || !argv.every((word) => typeof word === "string")) return undefined;
  if (typeof startedAt !== "string" || Number.isNaN(Date.parse(startedAt))) return undefined;
  return { id, url, argv, cwd: typeof cwd === "string" ? cwd : null, startedAt };
}
