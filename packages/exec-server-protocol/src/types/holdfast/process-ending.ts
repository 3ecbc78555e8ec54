/*
 * An extension of this project: how a process ends for certain, with all that descends from it. Needs the capability
 * `holdfastProcessEnding`, as does `maxDetachedMs` of `HoldfastStartParams`.
 */

/**
 * Ends a process and all that descends from it, also what left its process group, and also where it has exited before, for as long as the session
 * knows it.
 *
 * It is asked first: its standard input ends, unless that is a terminal, and its process group gets SIGTERM; descendants in other groups get it once
 * the process itself has exited. What lives after `graceMs` is killed by SIGKILL. May be repeated.
 */
export interface HoldfastEndProcessParams {
  processId: string;
  /**
   * Milliseconds, 0 to 30,000. 0: what lives is killed at once, and nothing is asked.
   *
   * @format uint32
   */
  graceMs: number;
  /**
   * Whether it is forgotten as soon as its end was told: nothing of it can be read any more, and its id is free. Absent: it can be read for some time,
   * as any other.
   */
  forget?: boolean;
}

/** Answered when nothing is left that can be reached. */
export interface HoldfastEndProcessResult {
  /** Whether the process itself was alive when it was asked for. False as well for one that is unknown. */
  running: boolean;
}
