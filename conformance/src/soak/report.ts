import type { Usage } from "./process-table.ts";
import type { SoakResult } from "./soak.ts";

/** The head of the table of soaks, in Markdown. */
export const SOAK_HEADER = [
  "| executor | seed | cuts (per s) | pause p50 / p95 / max, ms | ok | gap told | starts unknown | MiB (per s) | fds | RSS, MiB |",
  "| -------- | ---- | ------------ | ------------------------- | -- | -------- | -------------- | ----------- | --- | -------- |",
].join("\n");

const MEBIBYTE = 1_048_576;

/** The value below which `share` of the values lie; 0 when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function change(usage: (usage: Usage) => number | undefined, { before, after }: SoakResult): string {
  return `${usage(before)?.toFixed(0) ?? "?"} → ${usage(after)?.toFixed(0) ?? "?"}`;
}

/** One soak as a row of the table. */
export function soakRow(executor: string, seed: number, result: SoakResult): string {
  const pauses = [0.5, 0.95, 1].map((share) => percentile(result.pausesMs, share).toFixed(0)).join(" / ");
  const mebibytes = result.receivedBytes / MEBIBYTE;
  const cells = [
    executor,
    seed,
    `${result.cuts} (${(result.cuts / result.cuttingSeconds).toFixed(1)})`,
    pauses,
    result.ok,
    result.gapTold,
    result.unknownStarts,
    `${mebibytes.toFixed(1)} (${(mebibytes / result.seconds).toFixed(1)})`,
    change(({ fdCount }) => fdCount, result),
    change(({ rssMiB }) => rssMiB, result),
  ];
  return `| ${cells.join(" | ")} |`;
}
