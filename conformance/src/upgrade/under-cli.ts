import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Release } from "@holdfast/reference-peer";
import { converse, execCommand } from "../conversation.ts";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { temporaryFolder } from "../places.ts";
import { pause } from "../soak/pause.ts";
import { replace } from "./upgrade.ts";

const LINES = 60;
/** The command waits when it has printed so many lines, until the executor was replaced. */
const MARKS = [10, 25, 40];
const EXIT_CODE = 4;
const LOOK_EVERY_MS = 5;

const COMMAND = `i=0
while [ $i -lt ${LINES} ]; do
  i=$((i+1)); echo mark-$i-
  case $i in ${MARKS.join("|")}) touch printed-$i; while [ ! -e go-$i ]; do sleep 0.05; done;; esac
done
exit ${EXIT_CODE}`;

/** Replace an executor three times in the middle of a command of a real orchestrator. @returns what went wrong. */
export async function upgradeUnderCli(release: Release): Promise<readonly string[]> {
  await using folder = await temporaryFolder();
  const env = { XDG_RUNTIME_DIR: folder.path };
  await using served = await startHoldfastExecutor(folder.path, { env });
  const over = new AbortController();
  const replacing = replaceAtMarks(served.url, folder.path, { ...process.env, ...env }, over.signal);
  const name = `codex ${release.version}`;
  try {
    const turn = () => [execCommand("c1", COMMAND, { yield_time_ms: 25_000 })];
    const { outputs } = await converse(release, served.url, folder.path, [turn]);
    const output = outputs.get("c1") ?? "";
    const expected = Array.from({ length: LINES }, (_, index) => `mark-${index + 1}-`);
    over.abort();
    return [
      ...(output.includes(`Process exited with code ${EXIT_CODE}`) ? [] : [`${name}: no exit code in ${output}`]),
      ...(output.match(/mark-\d+-/g)?.join() === expected.join() ? [] : [`${name}: other output: ${output}`]),
      ...(await replacing).map((failure) => `${name}: ${failure}`),
    ];
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    over.abort();
    await replacing;
  }
}

/** @returns what went wrong. */
async function replaceAtMarks(
  url: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const mark of MARKS) {
    while (!existsSync(join(folder, `printed-${mark}`))) {
      if (signal.aborted) return [...failures, `the command has not come to line ${mark}`];
      await pause(LOOK_EVERY_MS);
    }
    failures.push(...(await replace(url, env)));
    await writeFile(join(folder, `go-${mark}`), "");
  }
  return failures;
}
