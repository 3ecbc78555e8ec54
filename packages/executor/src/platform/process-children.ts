import { readdirSync, readFileSync } from "node:fs";

/** Ids of the threads of a process; empty when it is gone. */
export function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** Ids of the children of a process, whichever of its threads started them; oldest first within a thread. */
export function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) => childrenOfThread(pid, thread));
}

function childrenOfThread(pid: number, thread: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").trim();
    return text === "" ? [] : text.split(" ").map(Number);
  } catch {
    return [];
  }
}
