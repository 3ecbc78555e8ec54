import assert from "node:assert/strict";
import { readRejected } from "../corpus.ts";
import { expectedJudgement } from "../expected-judgements.ts";
import { EXTENSION_CORPUS_ROOT } from "../places.ts";
import { judge } from "../refusals.ts";
import type { WireScenario } from "../scenario.ts";
import { WireLine } from "../wire-line.ts";

const METHOD_NOT_FOUND = -32601;

export const WIRE_REFUSALS: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.extension-refusals",
    sentence: "an executor refuses every message of the extension's reject corpus by its code, or knows no such method",
    requirements: ["envelope.params", "envelope.unknown-method"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const { error } = await line.call("holdfast/unwatch", { watchId: "nobody" });
      const isKnown = error?.code !== METHOD_NOT_FOUND;
      const surprises: string[] = [];
      for (const { file, entries } of await readRejected(EXTENSION_CORPUS_ROOT)) {
        for (const entry of entries.filter(({ answers }) => answers === undefined)) {
          const answer = await line.call(String(entry.message?.method), entry.message?.params);
          const expected = isKnown ? entry.expect.code : METHOD_NOT_FOUND;
          if (answer.error?.code !== expected) surprises.push(`${file} ${entry.id}: ${JSON.stringify(answer)}`);
        }
      }
      assert.deepEqual(surprises, [], surprises.join("; "));
    },
  },
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
