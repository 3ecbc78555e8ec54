import type { Figure, RowResult } from "../result.ts";
import { HOLDFAST } from "../target.ts";

type Measured = Pick<RowResult, "unit" | "better" | "target">;

/** A number and its unit, with as many digits as tell something. */
export function quantity(value: number, unit: RowResult["unit"]): string {
  if (unit === "done") return String(value);
  const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  const text = digits === 0 ? Math.round(value).toLocaleString("en") : value.toFixed(digits);
  return unit === "x" ? `${text} ×` : unit === "/s" ? `${text} /s` : `${text} ${unit}`;
}

/** A cell: the figure, or why there is none. */
export function figureText(figure: Figure | undefined, unit: RowResult["unit"]): string {
  if (figure === undefined) return "";
  return figure.median === undefined ? `— ${figure.note ?? ""}`.trim() : quantity(figure.median, unit);
}

/** True when the figure keeps the promise. */
export function isMet(value: number, { target, better }: Measured): boolean {
  return target === undefined || (better === "lower" ? value <= target : value >= target);
}

/** How many times better than `reference` a figure is; below 1 it is worse. */
export function advantage(value: number, reference: number, better: "lower" | "higher"): number {
  return better === "lower" ? reference / value : value / reference;
}

export function shownName(target: string): string {
  return target === HOLDFAST ? "Holdfast" : target;
}
