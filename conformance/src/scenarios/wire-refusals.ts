import assert from "node:assert/strict";
import { readRejected } from "../corpus.ts";
import { expectedJudgement } from "../expected-judgements.ts";
import { judge } from "../refusals.ts";
import type { WireScenario } from "../scenario.ts";

export const WIRE_REFUSALS: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.corpus-of-refusals",
    sentence: "every message of the reject corpus gets its code, but for the known disagreements",
    requirements: ["envelope.malformed", "envelope.params", "envelope.unknown-method", "start.sandbox-kinds"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      const surprises: string[] = [];
      for (const { file, entries } of await readRejected()) {
        for (const entry of entries.filter(({ answers }) => answers === undefined)) {
          const judgement = await judge(executor.url, entry);
          const expected = expectedJudgement(entry, context.executorRelease);
          if (judgement !== expected) surprises.push(`${file} ${entry.id}: ${judgement} instead of ${expected}`);
        }
      }
      assert.deepEqual(surprises, [], `${surprises.length} surprises: ${surprises.join("; ")}`);
    },
  },
];
