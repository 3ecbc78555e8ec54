import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { worsenings } from "./guard.ts";
import { thisMachine } from "./machine.ts";
import { measureCurve, measureRow, type Plan } from "./measure.ts";
import { type Options, readOptions, UsageError } from "./options.ts";
import { startOrigin } from "./origin.ts";
import { figureText } from "./report/format.ts";
import { curveTable, rowTable } from "./report/page.ts";
import { save } from "./report/save.ts";
import type { CurveResult, RowResult, Run } from "./result.ts";
import { HOLDFAST } from "./target.ts";

async function measureAll({ rows, curves, ...options }: Options, plan: Plan): Promise<Run> {
  const measuredRows: RowResult[] = [];
  for (const row of rows) {
    const result = await measureRow(row, plan);
    measuredRows.push(result);
    const cells = plan.targets.map((name) => `${name} ${figureText(result.figures[name], row.unit)}`);
    console.error(`${row.title}: ${cells.join(", ")}`);
  }
  const measuredCurves: CurveResult[] = [];
  for (const curve of curves) {
    const result = await measureCurve(curve, plan);
    measuredCurves.push(result);
    console.error(`${curve.title}\n${curveTable(result, plan.targets)}`);
  }
  const date = new Date().toISOString().slice(0, 10);
  const { targets, rounds } = options;
  return { date, machine: thisMachine(), targets, rounds, rows: measuredRows, curves: measuredCurves };
}

/** Holdfast itself must not fail; what it does not do yet, and what a reference fails at, is a result. */
function failures({ rows, curves }: Run): readonly string[] {
  const figures = [
    ...rows.map(({ title, figures }) => ({ title, all: [figures[HOLDFAST]] })),
    ...curves.map(({ title, figures }) => ({ title, all: figures[HOLDFAST] ?? [] })),
  ];
  return figures.flatMap(({ title, all }) =>
    all.flatMap((figure) => (figure?.failed === true ? [`${title}: ${figure.note}`] : [])),
  );
}

function judge(run: Run, { guard, smoke }: Options): boolean {
  const problems = [...failures(run)];
  if (guard !== undefined) {
    problems.push(...worsenings(guard.saved, run, guard.factor).map(({ text }) => text));
  }
  for (const problem of problems) console.error(`bench: ${problem}`);
  if (smoke && problems.length === 0) {
    console.log(`bench: ${run.rows.length} rows and ${run.curves.length} curves measured`);
  }
  return problems.length === 0;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const scratch = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  using origin = await startOrigin();
  try {
    const run = await measureAll(options, { ...options, scratch, origin: origin.url });
    if (!options.smoke) console.log(rowTable(run));
    if (options.saveInto !== undefined) save(run, options.saveInto);
    if (!judge(run, options)) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
