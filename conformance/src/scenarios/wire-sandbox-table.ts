import assert from "node:assert/strict";
import { ROWS } from "../sandbox/attempts.ts";
import { COLUMNS, type Column } from "../sandbox/columns.ts";
import { FILE_ROWS, runFileColumn } from "../sandbox/file-attempts.ts";
import { makePlayground } from "../sandbox/playground.ts";
import { runColumn } from "../sandbox/run-column.ts";
import { compare } from "../sandbox/verdict.ts";
import type { ScenarioContext, WireScenario } from "../scenario.ts";
import { WireLine } from "../wire-line.ts";

/** The columns that hold most of the rules; `--sandbox-table` runs the rest. */
const CHOSEN = ["ww", "carve", "min"];

interface Expected {
  readonly id: string;
  readonly answers: readonly string[];
}

/** @throws AssertionError naming every cell that is neither as told nor stricter for a known reason. */
function check(column: string, at: number, rows: readonly Expected[], got: ReadonlyMap<string, string>): void {
  const wrong = rows.flatMap(({ id, answers }) => {
    const answer = got.get(id) ?? "none";
    const expected = answers[at] ?? "none";
    const { comparison } = compare(id, column, answer, expected);
    return comparison === "equal" || comparison === "stricter" ? [] : [`${id}: ${answer}, not ${expected}`];
  });
  assert.deepEqual(wrong, [], `${column}: ${wrong.join("; ")}`);
}

async function eachColumn(
  context: ScenarioContext,
  run: (line: WireLine, column: Column, playground: Awaited<ReturnType<typeof makePlayground>>) => Promise<void>,
): Promise<void> {
  for (const column of COLUMNS.filter(({ name }) => CHOSEN.includes(name))) {
    await using playground = await makePlayground(process.getuid?.() ?? 0);
    await using executor = await context.serve({ env: { TMPDIR: playground.temporary } });
    await using line = await WireLine.open(executor.url);
    await run(line, column, playground);
  }
}

export const WIRE_SANDBOX_TABLE: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.sandbox-processes",
    sentence: "a confined command can do what its profile says, and nothing else",
    requirements: ["sandbox.processes"],
    essential: true,
    since: "0.169.0",
    async run(context) {
      await eachColumn(context, async (line, column, playground) => {
        check(column.name, COLUMNS.indexOf(column), ROWS, await runColumn(line, column, playground));
      });
    },
  },
  {
    direction: "wire",
    id: "wire.sandbox-files",
    sentence: "a confined file operation reaches what its profile says, and nothing else",
    requirements: ["sandbox.files"],
    essential: true,
    since: "0.169.0",
    async run(context) {
      await eachColumn(context, async (line, column, playground) => {
        const got = await runFileColumn(line, column, playground);
        check(column.name, CHOSEN.indexOf(column.name), FILE_ROWS, got);
      });
    },
  },
];
