import { benchRound, type Outcome, type Surroundings } from "./bench-round.ts";
import type { CurveResult, Figure, RowResult } from "./result.ts";
import type { Curve, PlainLimit, Row } from "./row.ts";
import { median } from "./statistics.ts";
import { startTarget, type Target } from "./target.ts";

/** How to measure. */
export interface Plan extends Surroundings {
  readonly targets: readonly string[];
  readonly rounds: number;
}

/**
 * Measure a row on every target, in turns: a machine that slows down for a while slows all of them down.
 *
 * Each turn is a fresh connection to an executor that runs for the whole row, unless the row wants a new one.
 */
export async function measureRow(row: Row, plan: Plan): Promise<RowResult> {
  const outcomes = new Map<string, Outcome[]>(plan.targets.map((name) => [name, []]));
  const limits: number[] = [];
  await using running = new RunningTargets();
  for (let round = 0; round < plan.rounds; round++) {
    if (row.limit !== undefined) limits.push(await limitOf(row.limit, plan));
    for (const [name, seen] of outcomes) {
      // What a target can not do once, it can not do; a failure may be chance.
      if (seen.some(({ kind }) => kind === "unable")) continue;
      const outcome = await benchRound(await running.get(name), plan, (context) => row.measure(context));
      if (row.fresh === true || outcome.kind === "failed") await running.end(name);
      seen.push(outcome);
    }
  }
  const { id, title, unit, better, target, limit } = row;
  return {
    ...{ id, title, unit, better },
    ...(target === undefined ? {} : { target }),
    ...(limit === undefined ? {} : { limit: { what: limit.what, value: median(limits.filter(Number.isFinite)) } }),
    figures: Object.fromEntries([...outcomes].map(([name, seen]) => [name, figureOf(seen)])),
  };
}

/** Measure a curve: every point on a new executor per target, once. A target that fails at a point is left out after it. */
export async function measureCurve(curve: Curve, plan: Plan): Promise<CurveResult> {
  const values = plan.smoke ? curve.smokeValues : curve.values;
  const figures = new Map<string, Figure[]>(plan.targets.map((name) => [name, []]));
  const out = new Set<string>();
  for (const x of values) {
    for (const [name, points] of figures) {
      if (out.has(name)) {
        points.push({ rounds: [] });
        continue;
      }
      await using target = await startTarget(name);
      const figure = figureOf([await benchRound(target, plan, (context) => curve.measure(context, x))]);
      if (figure.median === undefined) out.add(name);
      points.push(figure);
    }
  }
  const { id, title, unit, better, x } = curve;
  return { id, title, unit, better, x, values, figures: Object.fromEntries(figures) };
}

function figureOf(outcomes: readonly Outcome[]): Figure {
  const rounds = outcomes.flatMap((outcome) => (outcome.kind === "measured" ? [outcome.value] : []));
  const failure = outcomes.find(({ kind }) => kind === "failed");
  const note = failure?.note ?? outcomes.at(-1)?.note;
  return {
    ...(rounds.length === 0 ? {} : { median: median(rounds) }),
    rounds,
    ...(note === undefined ? {} : { note }),
    ...(failure === undefined ? {} : { failed: true }),
  };
}

async function limitOf(limit: PlainLimit, plan: Plan): Promise<number> {
  try {
    return await limit.measure(plan);
  } catch {
    return Number.NaN;
  }
}

/** Executors that are started when first asked for. */
class RunningTargets implements AsyncDisposable {
  readonly #running = new Map<string, Target>();

  async get(name: string): Promise<Target> {
    const target = this.#running.get(name) ?? (await startTarget(name));
    this.#running.set(name, target);
    return target;
  }

  async end(name: string): Promise<void> {
    await this.#running.get(name)?.[Symbol.asyncDispose]();
    this.#running.delete(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#running.keys()) await this.end(name);
  }
}
