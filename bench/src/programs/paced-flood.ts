import { writeSync } from "node:fs";

/*
 * paced-flood.ts MIB_PER_SECOND
 *
 * Prints that much, as evenly as timers allow, until it is ended. A reader that is slower than that makes it wait.
 */

const bytesPerMs = (Number(process.argv[2]) * 1_048_576) / 1_000;
const block = Buffer.alloc(65_536, "x");
let begin = performance.now();
let written = 0;

function write(bytes: number): number {
  try {
    return writeSync(1, block, 0, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    process.exit();
  }
}

setInterval(() => {
  const due = (performance.now() - begin) * bytesPerMs;
  // What was missed by more than 20 ms is not made up for.
  if (due - written > 20 * bytesPerMs) {
    begin = performance.now();
    written = 0;
    return;
  }
  while (written < due) {
    const taken = write(Math.min(block.length, Math.ceil(due - written)));
    if (taken === 0) return;
    written += taken;
  }
}, 1);
