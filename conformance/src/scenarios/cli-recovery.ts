import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BadLine } from "@holdfast/testkit";
import { execCommand } from "../conversation.ts";
import type { CliScenario } from "../scenario.ts";

const LINES = 60;
/** The command tells when it has printed so many lines; the line is cut then. */
const CUTS = [10, 25, 40];
const EXIT_CODE = 4;

const command = `i=0
while [ $i -lt ${LINES} ]; do
  i=$((i+1)); echo mark-$i-; touch printed-$i; sleep 0.05
done
exit ${EXIT_CODE}`;

/** Cut the line at each mark, until there is no more to cut or `signal` says that it is over. */
async function cutAtMarks(line: BadLine, folder: string, signal: AbortSignal): Promise<void> {
  for (const mark of CUTS) {
    while (!existsSync(join(folder, `printed-${mark}`))) {
      if (signal.aborted) return;
      await delay(5);
    }
    line.cut();
  }
}

export const CLI_RECOVERY: readonly CliScenario[] = [
  {
    direction: "cli",
    id: "cli.cut-line",
    sentence: "a command whose line is cut three times runs on, and all it printed reaches the model once",
    requirements: ["session.resume"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await BadLine.to(executor.url);
      const over = new AbortController();
      const cutting = cutAtMarks(line, context.folder, over.signal);
      try {
        const { outputs } = await context.converse(line.url, [
          () => [execCommand("c1", command, { yield_time_ms: 25_000 })],
        ]);
        const output = outputs.get("c1") ?? "";
        assert.ok(output.includes(`Process exited with code ${EXIT_CODE}`), output);
        const expected = Array.from({ length: LINES }, (_, index) => `mark-${index + 1}-`);
        assert.deepEqual(output.match(/mark-\d+-/g), expected);
      } finally {
        over.abort();
        await cutting;
      }
      assert.ok(line.connectionCount > CUTS.length, `${line.connectionCount} connections for ${CUTS.length} cuts`);
    },
  },
];
