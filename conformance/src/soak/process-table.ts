import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What a process holds of this machine; undefined where the system does not tell. */
export interface Usage {
  readonly fdCount: number | undefined;
  readonly rssMiB: number | undefined;
}

/** Look at a process, on Linux. */
export async function usageOf(pid: number): Promise<Usage> {
  try {
    const [fds, status] = await Promise.all([readdir(`/proc/${pid}/fd`), readFile(`/proc/${pid}/status`, "utf8")]);
    const rssKiB = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return { fdCount: fds.length, rssMiB: rssKiB === undefined ? undefined : Number(rssKiB) / 1024 };
  } catch {
    return { fdCount: undefined, rssMiB: undefined };
  }
}

/** Names of the `.pid` files in a folder whose processes are still there. */
export async function stillRunning(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".pid"));
  const running: string[] = [];
  for (const name of names) {
    const pid = Number(await readFile(join(folder, name), "utf8"));
    if (pid > 0 && (await isAlive(pid, folder))) running.push(name);
  }
  return running;
}

/** Ids are given anew: where the system tells, the process has to name the folder among its arguments. */
async function isAlive(pid: number, folder: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    return (await readFile(`/proc/${pid}/cmdline`, "utf8")).includes(folder);
  } catch {
    return false;
  }
}
