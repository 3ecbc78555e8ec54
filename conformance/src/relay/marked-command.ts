import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pause } from "../soak/pause.ts";

const LINES = 60;
/** Something is done to the line when so many lines were printed. */
export const MARKS: readonly number[] = [10, 25, 40];
/** It prints so many more meanwhile, and then waits until the line is whole again. */
const LINES_ON = 12;
const EXIT_CODE = 4;
const LOOK_EVERY_MS = 5;

/** Prints on while the line is cut, and says what it has come to. */
export const MARKED_COMMAND = `i=0
while [ $i -lt ${LINES} ]; do
  i=$((i+1)); echo mark-$i-; sleep 0.02
  case $i in
    ${MARKS.join("|")}) touch printed-$i;;
    ${MARKS.map((mark) => mark + LINES_ON).join("|")}) while [ ! -e go-$i ]; do sleep 0.02; done;;
  esac
done
exit ${EXIT_CODE}`;

/**
 * Do something to the line at each of `marks`, and let the command go on when it is healed.
 *
 * @param interrupt - Resolves when the line is whole again.
 */
export async function atMarks(
  folder: string,
  marks: readonly number[],
  interrupt: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (const mark of MARKS) {
    while (!existsSync(join(folder, `printed-${mark}`))) {
      if (signal.aborted) return;
      await pause(LOOK_EVERY_MS);
    }
    if (marks.includes(mark)) await interrupt();
    await writeFile(join(folder, `go-${mark + LINES_ON}`), "");
  }
}

/** @returns what is wrong with what came of {@link MARKED_COMMAND}; undefined when nothing is. */
export function flawIn(output: string, exitCode: number | undefined): string | undefined {
  const expected = Array.from({ length: LINES }, (_, index) => `mark-${index + 1}-`).join();
  const seen = output.match(/mark-\d+-/g)?.join() ?? "";
  if (seen !== expected) return `other output than was printed: ${seen}`;
  return exitCode === EXIT_CODE ? undefined : `exit code ${exitCode}, not ${EXIT_CODE}`;
}
