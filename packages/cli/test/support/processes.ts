import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process of this machine. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  /** Its words, joined by blanks. */
  readonly command: string;
}

/** What runs on this machine. It is asked for again and again: where the kernel tells, no program is started for it. */
export function listedProcesses(): readonly ListedProcess[] {
  return process.platform === "linux" ? toldByKernel() : toldByPs();
}

/** The children of a process. */
export function childrenOf(pid: number): readonly number[] {
  return listedProcesses().flatMap((each) => (each.parent === pid ? [each.pid] : []));
}

function toldByKernel(): readonly ListedProcess[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    try {
      const [, parent] = /\) \S (\d+) [^)]*$/.exec(readFileSync(`/proc/${name}/stat`, "latin1")) ?? [];
      const words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      return [{ pid, parent: Number(parent), command: words.join(" ").trimEnd() }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

function toldByPs(): readonly ListedProcess[] {
  const text = execFileSync("ps", ["-axww", "-o", "pid=,ppid=,args="], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}
