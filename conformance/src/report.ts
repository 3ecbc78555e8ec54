import { type CellResult, isExpected } from "./matrix.ts";
import type { Scenario } from "./scenario.ts";

const LABELS = {
  pass: "pass",
  fail: "FAIL",
  "expected-fail": "expected-fail",
  "unexpected-pass": "STALE",
} as const;

/** One line of the matrix as it grows. */
export function resultLine(result: CellResult): string {
  const cells = [
    result.scenario.padEnd(34),
    result.peer.padEnd(14),
    result.executor.padEnd(14),
    LABELS[result.verdict].padEnd(14),
    `${result.durationMs} ms`.padStart(9),
  ];
  return cells.join(" ") + (result.note === undefined ? "" : `  ${result.note}`);
}

export const HEADER = `${"scenario".padEnd(34)} ${"peer".padEnd(14)} ${"executor".padEnd(14)} ${"verdict".padEnd(14)} ${"took".padStart(9)}  note`;

/** Pairs of peer and executor, with how many promises hold. */
export function summaryLines(results: readonly CellResult[]): string[] {
  const pairOf = ({ peer, executor }: CellResult): string => `${peer.padEnd(14)} -> ${executor.padEnd(14)}`;
  return [...new Set(results.map(pairOf))].map((pair) => {
    const cells = results.filter((result) => pairOf(result) === pair);
    const count = (verdict: CellResult["verdict"]): number => cells.filter((cell) => cell.verdict === verdict).length;
    const parts = [`${count("pass")} pass`, `${count("expected-fail")} expected-fail`];
    const unexpected = cells.filter((cell) => !isExpected(cell)).length;
    if (unexpected > 0) parts.push(`${unexpected} UNEXPECTED`);
    return `${pair} ${parts.join(", ")}`;
  });
}

/** The whole run for programs. */
export function asJson(results: readonly CellResult[], scenarios: readonly Scenario[]): string {
  return JSON.stringify(
    {
      ok: results.every(isExpected),
      scenarios: Object.fromEntries(
        scenarios.map(({ id, sentence, requirements }) => [id, { sentence, requirements }]),
      ),
      results,
    },
    null,
    2,
  );
}
