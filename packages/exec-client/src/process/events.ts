/** Where a piece of output came from. `pty` carries everything a terminal shows. */
export type OutputStream = "stdout" | "stderr" | "pty";

/** A piece of output, cut anywhere: a character may continue in the next one. */
export interface OutputEvent {
  readonly type: "output";
  readonly seq: number;
  readonly stream: OutputStream;
  /** Raw bytes, at least one. Shared between subscribers: do not write into it. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** The process itself ended. Output may still follow: from its descendants, or because it lost the race. */
export interface ExitedEvent {
  readonly type: "exited";
  readonly seq: number;
  /** `128 + n` for a process that died of signal `n` on pipes; -1 when the executor could not learn it. */
  readonly exitCode: number;
  /** The executor's guess, from exit code and output, that the sandbox was the cause. False without a sandbox. */
  readonly sandboxDenied: boolean;
}

/** Both output streams ended and the exit is known. Always the last event. */
export interface ClosedEvent {
  readonly type: "closed";
  readonly seq: number;
}

/** Anything that happens to a process. `seq` counts 1, 2, 3, … over all three kinds. */
export type ProcessEvent = OutputEvent | ExitedEvent | ClosedEvent;

/** How a process ended. */
export interface ExitStatus {
  /** `128 + n` for a process that died of signal `n` on pipes; -1 when the executor could not learn it. */
  readonly exitCode: number;
  /** The executor's guess, from exit code and output, that the sandbox was the cause. False without a sandbox. */
  readonly sandboxDenied: boolean;
}

/** Bytes of output an event carries. */
export function eventBytes(event: { readonly type: string; readonly data?: Uint8Array }): number {
  return event.data?.byteLength ?? 0;
}
