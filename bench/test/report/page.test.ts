import { expect, test } from "vitest";
import { barPlot } from "../../src/report/bar-plot.ts";
import { linePlot } from "../../src/report/line-plot.ts";
import { page } from "../../src/report/page.ts";
import type { CurveResult, Run } from "../../src/result.ts";

function figure(median: number) {
  return { median, rounds: [median] };
}
const curve: CurveResult = {
  id: "sizes",
  title: "a file read",
  unit: "ms",
  better: "lower",
  x: "bytes",
  values: [1, 1_048_576],
  figures: { holdfast: [figure(0.5), figure(2)], "0.169.0": [figure(1), { rounds: [], note: "refused" }] },
};
const run: Run = {
  date: "2030-01-02",
  machine: { cpu: "A CPU", cpus: 2, memoryGiB: 24, platform: "linux x64", node: "v24.0.0" },
  rounds: 5,
  targets: ["holdfast", "0.169.0"],
  rows: [
    {
      id: "start",
      title: "start & <close>",
      unit: "ms",
      better: "lower",
      target: 3,
      limit: { what: "spawn", value: 1.4 },
      figures: { holdfast: figure(2), "0.169.0": figure(48) },
    },
    {
      id: "sandboxed",
      title: "sandboxed",
      unit: "ms",
      better: "lower",
      target: 14,
      figures: { holdfast: { rounds: [], note: "refused (-32602)" }, "0.169.0": figure(65) },
    },
  ],
  curves: [curve],
};

test("the page says on which machine, and for each row whether the promise is kept or why there is no figure", () => {
  const text = page(run, (id) => `plots/${id}.svg`);
  expect(text).toContain("Machine: A CPU, 2 CPUs, 24 GiB, linux x64, Node v24.0.0.");
  expect(text).toContain("| start & <close> | 2.00 ms | 48.0 ms | 24.0 × | 1.40 ms (spawn) | ≤ 3.00 ms | yes |");
  expect(text).toContain("| sandboxed | — refused (-32602) | 65.0 ms |  |  | ≤ 14.0 ms | refused (-32602) |");
  expect(text).toContain("| 1 MiB | 2.00 ms (500 MiB/s) | — refused |");
  expect(text).toContain("![a file read](plots/sizes.svg)");
});

test("a promise that is not kept stands out", () => {
  const [start] = run.rows;
  const missed = { ...run, rows: start === undefined ? [] : [{ ...start, target: 1 }] };
  expect(page(missed, String)).toContain("| ≤ 1.00 ms | **no** |");
});

test("bars are drawn for rows with both figures, and titles can not break the picture", () => {
  const svg = barPlot(run);
  expect(svg.match(/<rect /g)).toHaveLength(1);
  expect(svg).toContain("start &amp; &lt;close>");
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test("lines are drawn through the points that there are, and nothing is drawn without any", () => {
  const svg = linePlot(curve, run.targets);
  expect(svg?.match(/<circle /g)).toHaveLength(3);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(linePlot({ ...curve, figures: { holdfast: [{ rounds: [] }, { rounds: [] }] } }, run.targets)).toBeUndefined();
});
