import { renameSync, writeFileSync } from "node:fs";

/*
 * Loaded into a server before it starts, with `--expose-gc`: on SIGUSR2 it says in a file what it holds on to, in bytes. What a process has of the system's memory tells of that only with all that
 * was not collected yet.
 */
const file = process.env.HOLDFAST_BENCH_HEAP_FILE;

if (file !== undefined) {
  process.on("SIGUSR2", () => {
    globalThis.gc?.();
    // What has ended is taken out of its lists by then.
    setImmediate(() => {
      globalThis.gc?.();
      writeFileSync(`${file}.part`, String(process.memoryUsage().heapUsed));
      renameSync(`${file}.part`, file);
    });
  });
}
