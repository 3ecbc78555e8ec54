import type { CurveResult, RowResult, Run } from "../result.ts";
import { HOLDFAST } from "../target.ts";
import { advantage, figureText, isMet, quantity, shownName } from "./format.ts";

function grid(lines: readonly (readonly string[])[]): string {
  const [head = [], ...body] = lines;
  return [head, head.map(() => "---"), ...body].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function verdict(row: RowResult): string {
  const { median, note } = row.figures[HOLDFAST] ?? {};
  if (row.target === undefined) return "";
  if (median === undefined) return note ?? "not measured";
  return isMet(median, row) ? "yes" : "**no**";
}

function ratio(row: RowResult, reference: string | undefined): string {
  const ours = row.figures[HOLDFAST]?.median;
  const theirs = reference === undefined ? undefined : row.figures[reference]?.median;
  if (ours === undefined || theirs === undefined) return "";
  return `${advantage(ours, theirs, row.better).toFixed(1)} ×`;
}

/** The table: a line per row, a column per target. */
export function rowTable({ rows, targets }: Pick<Run, "rows" | "targets">): string {
  const newest = targets.filter((name) => name !== HOLDFAST).at(-1);
  const head = [
    "work",
    ...targets.map(shownName),
    ...(newest === undefined ? [] : [`better than ${newest} by`]),
    "plain limit",
    "target",
    "met?",
  ];
  const lines = rows.map((row) => [
    row.title,
    ...targets.map((name) => figureText(row.figures[name], row.unit)),
    ...(newest === undefined ? [] : [ratio(row, newest)]),
    row.limit === undefined || Number.isNaN(row.limit.value)
      ? ""
      : `${quantity(row.limit.value, row.unit)} (${row.limit.what})`,
    row.target === undefined ? "" : `${row.better === "lower" ? "≤" : "≥"} ${quantity(row.target, row.unit)}`,
    verdict(row),
  ]);
  return grid([head, ...lines]);
}

/** What was said beside the figures of Holdfast and the references. */
export function noteList({ rows, targets }: Pick<Run, "rows" | "targets">): string {
  return rows
    .flatMap((row) =>
      targets.flatMap((name) => {
        const figure = row.figures[name];
        if (figure?.note === undefined || figure.median === undefined) return [];
        return [`- ${row.title}, ${shownName(name)}: ${figure.note}`];
      }),
    )
    .join("\n");
}

/** A size as people write it. */
export function xText(x: string, value: number): string {
  if (x !== "bytes") return value.toLocaleString("en");
  const power = value < 1_024 ? 0 : value < 2 ** 20 ? 1 : value < 2 ** 30 ? 2 : 3;
  return `${value / 1_024 ** power} ${["B", "KiB", "MiB", "GiB"][power]}`;
}

/** Sizes are told as time where small and as speed where large: both say how good it is. */
function pointText(curve: CurveResult, name: string, index: number): string {
  const figure = curve.figures[name]?.[index];
  const x = curve.values[index] ?? 0;
  const text = figureText(figure, curve.unit);
  if (curve.x !== "bytes" || x < 2 ** 20 || figure?.median === undefined) return text;
  return `${text} (${Math.round(x / 2 ** 20 / (figure.median / 1_000))} MiB/s)`;
}

export function curveTable(curve: CurveResult, targets: readonly string[]): string {
  const lines = curve.values.map((value, index) => [
    xText(curve.x, value),
    ...targets.map((name) => pointText(curve, name, index)),
  ]);
  return grid([[curve.x, ...targets.map(shownName)], ...lines]);
}

/** A dated page for `bench/results`; `plots` names the file of a plot by its id. */
export function page(run: Run, plots: (id: string) => string): string {
  const { date, machine, rounds, targets, curves } = run;
  const size = `${machine.cpu}, ${machine.cpus} CPUs, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}`;
  const parts = [
    `# ${date}`,
    `Machine: ${size}. Medians of ${rounds} interleaved rounds, client and executors on the same machine over loopback.`,
    rowTable(run),
    targets.length > 1 ? `![How many times better than each reference](${plots("rows")})` : "",
    noteList(run),
    ...curves.flatMap((curve) => [
      `## ${curve.title}`,
      `![${curve.title}](${plots(curve.id)})`,
      curveTable(curve, targets),
    ]),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
