import { readFileSync } from "node:fs";
import type { RowResult, Run } from "./result.ts";
import { HOLDFAST } from "./target.ts";

type SavedRows = Pick<Run, "rows">;

/**
 * Read a saved run.
 *
 * @throws Error the file can not be read, or holds no figure of Holdfast: comparing with it would say nothing.
 */
export function readSaved(file: string): SavedRows {
  const saved: Partial<SavedRows> = JSON.parse(readFileSync(file, "utf8"));
  const hasFigures = saved.rows?.some((row) => scoreOf(row) !== undefined);
  if (saved.rows === undefined || hasFigures !== true) throw new Error("there is no figure of Holdfast in it");
  return { rows: saved.rows };
}

/** A row that got worse, in words. */
export interface Worsening {
  readonly id: string;
  readonly text: string;
}

/** The figure beside the plain limit of its machine where there is one, so that figures of two machines compare. */
function scoreOf({ figures, limit }: RowResult): number | undefined {
  const value = figures[HOLDFAST]?.median;
  return value === undefined || limit === undefined || !Number.isFinite(limit.value) ? value : value / limit.value;
}

function worseBy(saved: number, fresh: number, better: "lower" | "higher"): number {
  return better === "lower" ? fresh / saved : saved / fresh;
}

/**
 * Compare a fresh run with a saved one.
 *
 * @param factor - How much worse a row may be, e.g. 1.5. What counts finished work may not get worse at all.
 * @returns the rows that got worse by more. Rows that the saved run has no figure for are passed over.
 */
export function worsenings(saved: SavedRows, fresh: SavedRows, factor: number): readonly Worsening[] {
  const before = new Map(saved.rows.map((row) => [row.id, row]));
  return fresh.rows.flatMap((row) => {
    const old = before.get(row.id);
    const was = old === undefined ? undefined : scoreOf(old);
    if (was === undefined) return [];
    const is = scoreOf(row);
    if (is === undefined) {
      return [
        { id: row.id, text: `${row.title}: no figure any more: ${row.figures[HOLDFAST]?.note ?? "not measured"}` },
      ];
    }
    const times = worseBy(was, is, row.better);
    if (times <= (row.unit === "done" ? 1 : factor)) return [];
    return [{ id: row.id, text: `${row.title}: worse by ${times.toFixed(2)}, more than ${factor} is not let pass` }];
  });
}
