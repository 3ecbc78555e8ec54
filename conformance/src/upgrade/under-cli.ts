import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Release } from "@holdfast/reference-peer";
import { converse, execCommand } from "../conversation.ts";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { temporaryFolder } from "../places.ts";
import type { ServedExecutor } from "../served-executor.ts";
import { pause } from "../soak/pause.ts";

const LINES = 60;
/** The command tells when it has printed so many lines; the executor is replaced then. */
const MARKS = [10, 25, 40];
const EXIT_CODE = 4;
const LOOK_EVERY_MS = 5;

const COMMAND = `i=0
while [ $i -lt ${LINES} ]; do
  i=$((i+1)); echo mark-$i-; touch printed-$i; sleep 0.05
done
exit ${EXIT_CODE}`;

function replacementsIn(log: string): number {
  return log.split("being replaced by version").length - 1;
}

/** Replace an executor three times in the middle of a command of a real orchestrator. @returns what went wrong. */
export async function upgradeUnderCli(release: Release): Promise<readonly string[]> {
  await using folder = await temporaryFolder();
  const env = { XDG_RUNTIME_DIR: folder.path };
  await using served = await startHoldfastExecutor(folder.path, { env, args: ["--log-level", "debug"] });
  const over = new AbortController();
  const replacing = replaceAtMarks(served, folder.path, over.signal);
  const name = `codex ${release.version}`;
  try {
    const turn = () => [execCommand("c1", COMMAND, { yield_time_ms: 25_000 })];
    const { outputs } = await converse(release, served.url, folder.path, [turn]);
    const output = outputs.get("c1") ?? "";
    const expected = Array.from({ length: LINES }, (_, index) => `mark-${index + 1}-`);
    const replacements = replacementsIn(served.log());
    return [
      ...(output.includes(`Process exited with code ${EXIT_CODE}`) ? [] : [`${name}: no exit code in ${output}`]),
      ...(output.match(/mark-\d+-/g)?.join() === expected.join() ? [] : [`${name}: other output: ${output}`]),
      ...(replacements === MARKS.length ? [] : [`${name}: ${replacements} replacements`]),
    ];
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    over.abort();
    await replacing;
  }
}

async function replaceAtMarks({ pid, log }: ServedExecutor, folder: string, signal: AbortSignal): Promise<void> {
  const replacements = (): number => replacementsIn(log());
  for (const mark of MARKS) {
    while (!existsSync(join(folder, `printed-${mark}`))) {
      if (signal.aborted) return;
      await pause(LOOK_EVERY_MS);
    }
    const wanted = replacements() + 1;
    process.kill(pid, "SIGUSR2");
    // One that is under way is not begun again.
    while (replacements() < wanted && !signal.aborted) await pause(LOOK_EVERY_MS);
  }
}
