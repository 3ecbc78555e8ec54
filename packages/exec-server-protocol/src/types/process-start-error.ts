import type { HoldfastFault } from "./holdfast/fault.ts";

/** The `data` of a refused `process/start`: why nothing was started. Since 0.171; older executors send none. */
export interface ProcessStartErrorData {
  kind: ProcessStartErrorKind;
  /** Which param names what is missing or may not be used. Absent: the executor does not report it. Only Holdfast does. */
  member?: ProcessStartErrorMember;
  /** More of it. Only Holdfast sends it. */
  holdfast?: HoldfastFault;
}

/**
 * `spawnNotFound`: the program, its interpreter or the working folder does not exist. `spawnPermissionDenied`: one of them
 * may not be used. `spawnFailed`: anything else that the operating system refused. `sandboxUnavailable`: what confines can't
 * be had there. `sandboxPreparation`: what was asked to confine is wrong.
 */
export type ProcessStartErrorKind =
  | "spawnNotFound"
  | "spawnPermissionDenied"
  | "spawnFailed"
  | "sandboxUnavailable"
  | "sandboxPreparation";

/** `argv`: its first entry, the program. */
export type ProcessStartErrorMember = "argv" | "cwd";
