import { execFileSync } from "node:child_process";

/** A process of this machine. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  /** Its words, joined by blanks. */
  readonly command: string;
}

/** What runs on this machine. */
export function listedProcesses(): readonly ListedProcess[] {
  const text = execFileSync("ps", ["-axww", "-o", "pid=,ppid=,args="], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** The children of a process. */
export function childrenOf(pid: number): readonly number[] {
  return listedProcesses().flatMap((each) => (each.parent === pid ? [each.pid] : []));
}
