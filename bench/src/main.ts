import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { thisMachine } from "./machine.ts";
import { measure } from "./measure.ts";
import { page, table } from "./report.ts";
import { oneShot } from "./rows/one-shot.ts";
import { pipelinedStarts } from "./rows/pipelined-starts.ts";
import { startsPerSecond } from "./rows/starts-per-second.ts";
import { terminalEcho } from "./rows/terminal-echo.ts";

const ROWS = [oneShot, startsPerSecond, terminalEcho, pipelinedStarts];

const { values } = parseArgs({
  options: {
    against: { type: "string", default: "0.144.6,0.169.0" },
    rounds: { type: "string", default: "5" },
    rows: { type: "string", default: ROWS.map(({ id }) => id).join(",") },
    smoke: { type: "boolean", default: false },
    save: { type: "boolean", default: false },
  },
});

const smoke = values.smoke;
const references = smoke ? [] : values.against.split(",").filter((release) => release !== "");
const targets = ["holdfast", ...references];
const rounds = smoke ? 1 : Number(values.rounds);
const chosen = values.rows.split(",");
const rows = ROWS.filter(({ id }) => chosen.includes(id));

const results = await measure({ targets, rows, rounds, smoke });
const body = table(results, targets);
if (smoke) {
  console.log(`bench: ${results.length} rows measured`);
} else {
  console.log(body);
}
if (values.save) {
  const date = new Date().toISOString().slice(0, 10);
  const machine = thisMachine();
  const folder = new URL("../results/", import.meta.url);
  const data = results.map(({ row, figures, rounds: samples }) => ({
    id: row.id,
    unit: row.unit,
    target: row.target,
    figures,
    rounds: samples,
  }));
  writeFileSync(
    new URL(`${date}.json`, folder),
    `${JSON.stringify({ date, machine, targets, rows: data }, null, 2)}\n`,
  );
  writeFileSync(new URL(`${date}.md`, folder), page(date, machine, rounds, body));
}
