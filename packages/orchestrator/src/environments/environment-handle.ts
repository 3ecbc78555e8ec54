import type { Executor } from "@holdfast/exec-client";
import type { EnvironmentStatus } from "./environment-status.ts";

/**
 * One environment, as it was registered. Whoever has it keeps it: an id that is registered anew gets another handle, and this one goes
 * on leading to where it led.
 */
export interface EnvironmentHandle {
  readonly id: string;
  /** Whether it is reached over a connection; false for `local`. */
  readonly isRemote: boolean;
  /** Where it is, for people, without secrets: a URL without its query, or a command line. */
  readonly address: string;
  /** Names of skills that it has to offer, as its configuration asks for. */
  readonly requiredSkills: readonly string[];
  /** Answered at once. Nothing is started for it. */
  readonly status: EnvironmentStatus;
  /**
   * Its executor, connected on first use where that did not begin with the registration.
   *
   * All callers share one attempt. When the first one fails, so does every later call, with the same reason (see
   * `retryFailedStart` of the registry). It is the same executor until its connection was lost and could not be had back; then the next call makes
   * a new one, but for programs, which have failed then. While the executor reconnects by itself it is handed out, and its calls wait.
   *
   * @param signal - Stops waiting. The attempt goes on for the others.
   * @throws EnvironmentError - `failed`, `replaced`, `removed`. @throws The reason of `signal`.
   */
  executor(signal?: AbortSignal): Promise<Executor>;
  /** Its executor where it is connected, or reconnecting. Tells one registration of an id from the next. */
  readonly current: Executor | undefined;
  /**
   * Its executor as it is, without a wait or an attempt.
   *
   * @throws EnvironmentError - `not-ready`, `recovering`, `failed` with the reason, `replaced`, `removed`.
   */
  readyExecutor(): Executor;
  /**
   * Do something that must not wait for a connection: it is refused as by {@link EnvironmentHandle.readyExecutor}, and given up when the connection is lost
   * on the way.
   *
   * @throws EnvironmentError - As there. @throws What the operation throws.
   */
  failFast<Result>(operation: (executor: Executor, signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /**
   * Keep the connection when the id is registered anew or taken out, until the hold is disposed of. Without any it is kept for as long as
   * something runs that was started over it. Closing the registry ends it in any case.
   */
  hold(): Disposable;
}
