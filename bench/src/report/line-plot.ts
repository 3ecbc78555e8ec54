import type { CurveResult } from "../result.ts";
import { quantity, shownName } from "./format.ts";
import { xText } from "./page.ts";
import { type LogScale, logScale } from "./scale.ts";
import { colour, element, picture, text } from "./svg.ts";

const WIDTH = 760;
const HEIGHT = 380;
const LEFT = 90;
const RIGHT = 30;
const TOP = 40;
const BOTTOM = 50;

interface Point {
  readonly x: number;
  readonly y: number;
}

function pointsOf(curve: CurveResult, target: string): readonly Point[] {
  return curve.values.flatMap((x, index) => {
    const y = curve.figures[target]?.[index]?.median;
    return y === undefined || y <= 0 ? [] : [{ x, y }];
  });
}

function axes(curve: CurveResult, across: LogScale, up: LogScale): readonly string[] {
  const floor = HEIGHT - BOTTOM;
  const vertical = curve.values.flatMap((value) => [
    element("line", { x1: across.at(value), x2: across.at(value), y1: TOP, y2: floor, class: "grid" }),
    text(across.at(value), floor + 18, xText(curve.x, value), { "text-anchor": "middle", class: "quiet" }),
  ]);
  const horizontal = up.ticks.flatMap((tick) => [
    element("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: up.at(tick), y2: up.at(tick), class: "grid" }),
    text(LEFT - 8, up.at(tick) + 4, quantity(tick, curve.unit), { "text-anchor": "end", class: "quiet" }),
  ]);
  const label = text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, curve.x, { "text-anchor": "middle", class: "quiet" });
  return [...vertical, ...horizontal, label];
}

/** A line per target over x, both axes logarithmic; `undefined` when no target has a point. */
export function linePlot(curve: CurveResult, targets: readonly string[]): string | undefined {
  const series = targets.map((name, index) => ({ name, stroke: colour(index), points: pointsOf(curve, name) }));
  const all = series.flatMap(({ points }) => points);
  if (all.length === 0) return undefined;
  const across = logScale(curve.values, [LEFT + 10, WIDTH - RIGHT - 10], false);
  const up = logScale(
    all.map(({ y }) => y),
    [HEIGHT - BOTTOM, TOP],
    true,
  );
  const lines = series.flatMap(({ name, stroke, points }, index) => {
    const places = points.map(({ x, y }) => ({ x: across.at(x), y: up.at(y) }));
    const path = places.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    return [
      text(LEFT + index * 110, 20, `● ${shownName(name)}`, { style: `fill:${stroke}` }),
      element("polyline", { points: path, fill: "none", stroke, "stroke-width": 2 }),
      ...places.map(({ x, y }) => element("circle", { cx: x, cy: y, r: 3.5, fill: stroke })),
    ];
  });
  return picture(WIDTH, HEIGHT, curve.title.replaceAll("`", ""), [...axes(curve, across, up), ...lines]);
}
