import { readProcFile } from "./proc-file.ts";

/** What `/proc/PID/stat` tells of a process. */
export interface ProcStat {
  /** Dead, but not collected by its parent. */
  readonly isDead: boolean;
  readonly group: number;
  readonly session: number;
  /** Ticks of the clock after the system's own start. With the id it names one process. Absent where that is not told. */
  readonly startTime: string | undefined;
}

/** Fields after the name, from 0. */
const [STATE, GROUP, SESSION, START_TIME] = [0, 2, 3, 19];

/** The name in it is the program's choice, parentheses and spaces included. */
export function parseProcStat(text: string): ProcStat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields[STATE];
  return {
    isDead: state === "Z" || state === "X",
    group: Number(fields[GROUP]),
    session: Number(fields[SESSION]),
    startTime: fields[START_TIME],
  };
}

/**
 * Look at a process; `undefined` when it is gone.
 *
 * @throws the system's error when it has nothing left to look with.
 */
export function procStatOf(pid: number | "self"): ProcStat | undefined {
  const text = readProcFile(pid, "stat");
  return text === undefined ? undefined : parseProcStat(text);
}
