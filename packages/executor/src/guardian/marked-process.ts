import { readFileSync } from "node:fs";

/** What the sweep needs to know of a process. */
export interface ProcessStat {
  /** Dead, but not collected by its parent. */
  readonly isZombie: boolean;
  readonly group: number;
  readonly session: number;
}

/** Whether the text of `/proc/PID/limits` carries a mark. */
export function carriesMark(limits: string, mark: string): boolean {
  return new RegExp(`^Max realtime timeout +${mark} `, "m").test(limits);
}

/** Parse `/proc/PID/stat`. The name in it is the program's choice, parentheses and spaces included. */
export function parseStat(stat: string): ProcessStat {
  const [state = "", , group = "", session = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { isZombie: state === "Z" || state === "X", group: Number(group), session: Number(session) };
}

/** @returns the text, or `undefined` for a process that is gone. */
export function readProcessFile(pid: number | "self", name: "limits" | "stat"): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return undefined;
  }
}
