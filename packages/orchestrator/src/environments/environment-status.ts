/**
 * Where an environment is.
 *
 * - `idle`: nobody has asked for it, and it is connected on first use.
 * - `connecting`: the first attempt, or one after the connection was lost for good.
 * - `ready`. `recovering`: the connection is lost, and being had back; calls wait.
 * - `disconnected`: the connection was lost and not had back. The next use connects anew.
 * - `failed`: the first attempt failed, or a program is gone and what it led to could not be resumed. Final, but for `retryFailedStart`.
 * - `ended`: registered anew or taken out, and closed.
 */
export type EnvironmentState = "idle" | "connecting" | "ready" | "recovering" | "disconnected" | "failed" | "ended";

export interface EnvironmentStatus {
  readonly state: EnvironmentState;
  /** Why, of `disconnected`, `failed` and `ended`. One line, without secrets. */
  readonly error?: string | undefined;
}

/** A change of one environment, as the registry tells it. */
export interface EnvironmentEvent {
  readonly environmentId: string;
  readonly status: EnvironmentStatus;
}

/** In the words of `environment/status` of app servers. */
export type ReportedEnvironmentStatus = "ready" | "pending" | "disconnected";

/** What app servers report of an environment. The one of this machine is there at once, whether it is connected or not. */
export function reportedStatus(
  { state }: EnvironmentStatus,
  { isRemote }: { readonly isRemote: boolean },
): ReportedEnvironmentStatus {
  if (state === "ready") return "ready";
  if (state !== "idle" && state !== "connecting") return "disconnected";
  return isRemote ? "pending" : "ready";
}
