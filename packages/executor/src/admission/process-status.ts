import { readlinkSync } from "node:fs";
import { readProcFile } from "../platform/proc-file.ts";

/** What every user can read of every process. */
export interface ProcessStatus {
  /** The user that it acts as. */
  readonly uid: number;
  /** How many process namespaces it is in, counted from that of `/proc`; 0 where the system does not say. */
  readonly depth: number;
}

/**
 * @returns `undefined` for a process that is gone.
 * @throws the system's error when it has nothing left to look with.
 */
export function statusOf(pid: number | "self"): ProcessStatus | undefined {
  const text = readProcFile(pid, "status");
  if (text === undefined) return undefined;
  const [, uid = ""] = /^Uid:\t\d+\t(\d+)/m.exec(text) ?? [];
  const [, pids = ""] = /^NSpid:\t(.*)$/m.exec(text) ?? [];
  return { uid: Number(uid), depth: pids === "" ? 0 : pids.split("\t").length };
}

/** The id of this process as `/proc` has it, which need not be the one that it knows itself. */
export function ownPid(): number {
  try {
    return Number(readlinkSync("/proc/self"));
  } catch {
    return process.pid;
  }
}
