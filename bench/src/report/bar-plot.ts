import type { Run } from "../result.ts";
import { HOLDFAST } from "../target.ts";
import { advantage } from "./format.ts";
import { logScale } from "./scale.ts";
import { colour, element, picture, text } from "./svg.ts";

const WIDTH = 900;
const LABELS = 400;
const BAR = 12;
const TOP = 40;
const RIGHT = 60;

/** How many times better than each reference, a group of bars per row. */
export function barPlot({ rows, targets }: Pick<Run, "rows" | "targets">): string {
  const references = targets.filter((name) => name !== HOLDFAST);
  const groups = rows.flatMap(({ title, better, figures }) => {
    const ours = figures[HOLDFAST]?.median;
    if (ours === undefined) return [];
    const bars = references.flatMap((name) => {
      const theirs = figures[name]?.median;
      return theirs === undefined || theirs === 0 ? [] : [{ name, times: advantage(ours, theirs, better) }];
    });
    return bars.length === 0 ? [] : [{ title, bars }];
  });
  const scale = logScale(
    [1, 10, ...groups.flatMap(({ bars }) => bars.map(({ times }) => times))],
    [LABELS, WIDTH - RIGHT],
    true,
  );
  const one = scale.at(1);
  const parts: string[] = [];
  let y = TOP;
  for (const { title, bars } of groups) {
    parts.push(text(LABELS - 10, y + (bars.length * BAR) / 2 + 4, plain(title), { "text-anchor": "end" }));
    for (const { name, times } of bars) {
      const x = scale.at(times);
      const fill = colour(targets.indexOf(name));
      parts.push(element("rect", { x: Math.min(x, one), y, width: Math.abs(x - one), height: BAR - 2, fill }));
      parts.push(text(Math.max(x, one) + 4, y + BAR - 2, times.toFixed(1), { class: "quiet" }));
      y += BAR;
    }
    y += 10;
  }
  const lines = scale.ticks.flatMap((tick) => [
    element("line", { x1: scale.at(tick), x2: scale.at(tick), y1: TOP - 8, y2: y, class: tick === 1 ? "one" : "grid" }),
    text(scale.at(tick), y + 16, `${tick} ×`, { "text-anchor": "middle", class: "quiet" }),
  ]);
  const legend = references.map((name, index) =>
    text(LABELS + index * 120, 18, `■ than ${name}`, { style: `fill:${colour(targets.indexOf(name))}` }),
  );
  return picture(WIDTH, y + 30, "How many times better than each reference", [...legend, ...lines, ...parts]);
}

function plain(title: string): string {
  return title.replaceAll("`", "");
}
