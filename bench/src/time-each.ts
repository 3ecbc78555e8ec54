import { spawn } from "node:child_process";
import { once } from "node:events";
import { Unsupported } from "./row.ts";
import { median } from "./statistics.ts";

/** Milliseconds of one piece of work, the median of some. */
export async function timeEach(samples: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < samples; index++) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  return median(times);
}

/** What a start costs without any protocol: spawn with pipes, to its close. */
export async function spawnToClose(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.resume();
  child.stderr.resume();
  const [code] = await once(child, "close");
  if (code !== 0) throw new Unsupported(`${program} ends with ${code}`);
}
