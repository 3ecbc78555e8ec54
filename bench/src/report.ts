import type { Machine } from "./machine.ts";
import type { RowResult } from "./measure.ts";
import type { Row } from "./row.ts";

function cell(value: number | undefined, { unit }: Row): string {
  if (value === undefined || Number.isNaN(value)) return "";
  return unit === "ms" ? `${value.toFixed(2)} ms` : unit === "/s" ? `${Math.round(value)} /s` : String(value);
}

/** True when the figure keeps the promise. */
export function isReached(value: number | undefined, { target, better }: Row): boolean {
  return value !== undefined && (better === "lower" ? value <= target : value >= target);
}

/** A Markdown table: a line per row, a column per target, and whether Holdfast reaches its figure. */
export function table(results: readonly RowResult[], targets: readonly string[]): string {
  const head = ["work", ...targets, "must reach", ""];
  const lines = results.map(({ row, figures }) => [
    row.title,
    ...targets.map((name) => cell(figures[name], row)),
    `${row.better === "lower" ? "≤" : "≥"} ${cell(row.target, row)}`,
    isReached(figures.holdfast, row) ? "reached" : "missed",
  ]);
  return [head, head.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

/** A dated page for `bench/results`. */
export function page(date: string, machine: Machine, rounds: number, body: string): string {
  const size = `${machine.cpus} CPUs, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}`;
  return `# ${date}\n\nMachine: ${size}. Medians of ${rounds} interleaved rounds, client and executors on the same machine over loopback.\n\n${body}\n`;
}
