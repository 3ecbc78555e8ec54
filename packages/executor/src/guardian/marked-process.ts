import { readFileSync } from "node:fs";
import { isExhaustion } from "../platform/os-error.ts";

/** What the sweep needs to know of a process. */
export interface ProcessStat {
  /** Dead, but not collected by its parent. */
  readonly isZombie: boolean;
  readonly group: number;
  readonly session: number;
}

/** The number of its start that the text of `/proc/PID/limits` carries behind these ten digits; absent without them. */
export function serialOf(limits: string, mark: string): number | undefined {
  const [, serial] = new RegExp(`^Max realtime timeout +${mark}(\\d{9}) `, "m").exec(limits) ?? [];
  return serial === undefined ? undefined : Number(serial);
}

/** Parse `/proc/PID/stat`. The name in it is the program's choice, parentheses and spaces included. */
export function parseStat(stat: string): ProcessStat {
  const [state = "", , group = "", session = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { isZombie: state === "Z" || state === "X", group: Number(group), session: Number(session) };
}

/** @returns the text, or `undefined` for a process that is gone. @throws the system's error when it has nothing left to look with. */
export function readProcessFile(pid: number | "self", name: "limits" | "stat"): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch (thrown) {
    if (isExhaustion(thrown)) throw thrown;
    return undefined;
  }
}
