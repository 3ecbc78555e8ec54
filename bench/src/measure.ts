import type { Row } from "./row.ts";
import { median } from "./statistics.ts";
import { startTarget, type Target } from "./target.ts";
import { WireClient } from "./wire-client.ts";

/** Median of the rounds per target, and the rounds themselves. */
export interface RowResult {
  readonly row: Row;
  readonly figures: Readonly<Record<string, number>>;
  readonly rounds: Readonly<Record<string, readonly number[]>>;
}

export interface Plan {
  readonly targets: readonly string[];
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly smoke: boolean;
}

/**
 * Measure every row on every target, in turns: a machine that slows down for a while slows all of them down.
 *
 * Each turn is a fresh connection to an executor that runs for the whole row.
 */
export async function measure({ targets, rows, rounds, smoke }: Plan): Promise<readonly RowResult[]> {
  const results: RowResult[] = [];
  for (const row of rows) {
    const figures: Record<string, number[]> = Object.fromEntries(targets.map((name) => [name, []]));
    await using running = new AsyncDisposableStack();
    const started: Target[] = [];
    for (const name of targets) started.push(running.use(await startTarget(name)));
    for (let round = 0; round < rounds; round++) {
      for (const { name, url } of started) {
        await using client = await WireClient.connect(url);
        figures[name]?.push(await row.measure({ client, url, smoke }));
      }
    }
    const medians = Object.fromEntries(Object.entries(figures).map(([name, samples]) => [name, median(samples)]));
    results.push({ row, figures: medians, rounds: figures });
    console.error(`${row.title}: ${JSON.stringify(medians)}`);
  }
  return results;
}
