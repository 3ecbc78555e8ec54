import * as limits from "./limits.ts";

/** A bound of the protocol: who keeps it, and what each implementation keeps. */
export interface LimitRow {
  /** The side whose bound it is; `both`: each refuses what is beyond it. */
  readonly keeper: "client" | "server" | "both";
  /** What the reference keeps. Null: it has no such bound. */
  readonly reference: number | bigint | null;
  /** What this project keeps. Null: it has no such bound. */
  readonly holdfast: number | bigint | null;
}

type Keeper = LimitRow["keeper"];

/** Kept by every implementation. */
function shared<Value extends number | bigint>(keeper: Keeper, value: Value) {
  return { keeper, reference: value, holdfast: value } as const;
}

/** Of one implementation. */
function only<Whose extends "reference" | "holdfast">(whose: Whose, keeper: Keeper, value: number): LimitRow {
  return { keeper, reference: null, holdfast: null, [whose]: value };
}

/** Whose each bound of `limits.ts` is. Where the two differ, a peer can count on the smaller one only. */
export const LIMITS = {
  MESSAGE_MAX_DEPTH: only("holdfast", "server", limits.MESSAGE_MAX_DEPTH),
  MESSAGE_MAX_JSON_VALUES: only("holdfast", "server", limits.MESSAGE_MAX_JSON_VALUES),
  MESSAGE_MAX_BYTES: only("holdfast", "both", limits.MESSAGE_MAX_BYTES),
  ID_MAX: shared("both", limits.ID_MAX),
  ID_MIN: shared("both", limits.ID_MIN),
  WAITING_REQUESTS_MAX: only("reference", "server", limits.WAITING_REQUESTS_MAX),
  RUNNING_REQUESTS_MAX: only("holdfast", "server", limits.RUNNING_REQUESTS_MAX),
  UNREAD_BYTES_MAX: only("holdfast", "server", limits.UNREAD_BYTES_MAX),
  TURN_INPUT_MAX_CHARACTERS: only("reference", "server", limits.TURN_INPUT_MAX_CHARACTERS),
  COMMAND_OUTPUT_DEFAULT_BYTES: only("reference", "server", limits.COMMAND_OUTPUT_DEFAULT_BYTES),
  COMMAND_TIMEOUT_DEFAULT_MS: only("reference", "server", limits.COMMAND_TIMEOUT_DEFAULT_MS),
  STDIN_QUEUE_MAX_WRITES: only("reference", "server", limits.STDIN_QUEUE_MAX_WRITES),
  PTY_ROWS: only("reference", "server", limits.PTY_ROWS),
  PTY_COLUMNS: only("reference", "server", limits.PTY_COLUMNS),
  SEARCH_TERM_MAX_BYTES: only("reference", "server", limits.SEARCH_TERM_MAX_BYTES),
  INCLUDED_THREADS_MAX: only("reference", "server", limits.INCLUDED_THREADS_MAX),
} as const satisfies Record<keyof typeof limits, LimitRow>;
