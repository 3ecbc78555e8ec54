import type { PathUri } from "@holdfast/path-uri";

/*
 * An extension of this project: what programs need to know of a refusal, in its `data`, beside the words that are for people.
 * Peers that do not know it pass over it.
 */

/** The `data` of a refused `fs/*`, `holdfast/*` or `http/request`. A refused `process/start` has it within `ProcessStartErrorData`. */
export interface HoldfastFaultData {
  holdfast: HoldfastFault;
}

/** What is known of the cause of a refusal. */
export interface HoldfastFault {
  /**
   * Name of the system's error: `ENOENT`, `EACCES`, `ENOSPC`, …; of a request that took too long: `ETIMEDOUT`. Absent: a rule of the
   * executor refused, not its system.
   */
  code?: string;
  /** Name of the system call that failed, such as `open`, where it is known. */
  syscall?: string;
  /** The path that the request named, where there was one. */
  path?: PathUri;
  /** The other path of a copy, move or link. */
  destination?: PathUri;
  /** Of a start: what kept the program from being started. Absent: it is not known. */
  reason?: HoldfastStartFaultReason;
}

/**
 * `program`: it is missing or may not be used. `interpreter`: the program is there, and what its first line names to run it is
 * missing or may not be used. `cwd`: the same of the working folder. `sandbox`: what confines can't be had, or what was asked to
 * confine is wrong.
 */
export type HoldfastStartFaultReason = "program" | "interpreter" | "cwd" | "sandbox";
