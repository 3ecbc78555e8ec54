import { mkdirSync, writeFileSync } from "node:fs";
import type { Run } from "../result.ts";
import { barPlot } from "./bar-plot.ts";
import { linePlot } from "./line-plot.ts";
import { page } from "./page.ts";

/** Write `DATE.json`, `DATE.md` and its plots in a folder `DATE` beside them. */
export function save(run: Run, folder: URL): void {
  const { date, targets } = run;
  const plots = new URL(`${date}/`, folder);
  mkdirSync(plots, { recursive: true });
  writeFileSync(new URL(`${date}.json`, folder), `${JSON.stringify(run, null, 2)}\n`);
  writeFileSync(
    new URL(`${date}.md`, folder),
    page(run, (id) => `${date}/${id}.svg`),
  );
  if (targets.length > 1) writeFileSync(new URL("rows.svg", plots), barPlot(run));
  for (const curve of run.curves) {
    const plot = linePlot(curve, targets);
    if (plot !== undefined) writeFileSync(new URL(`${curve.id}.svg`, plots), plot);
  }
}
