import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import type { ServedExecutor } from "../served-executor.ts";
import { pause } from "./pause.ts";
import type { Plan, PlannedCut } from "./plan.ts";
import { stillRunning, type Usage, usageOf } from "./process-table.ts";
import { SoakedLine } from "./soaked-line.ts";
import { SoakedProcess, type Verdict } from "./soaked-process.ts";
import { Watchdog } from "./watchdog.ts";

export interface SoakResult {
  readonly cuts: number;
  /** From the first cut to the last verdict, seconds. */
  readonly seconds: number;
  /** The part of it in which lines were cut. */
  readonly cuttingSeconds: number;
  readonly pausesMs: readonly number[];
  readonly ok: number;
  readonly gapTold: number;
  readonly unknownStarts: number;
  readonly receivedBytes: number;
  readonly before: Usage;
  readonly after: Usage;
  /** One line per promise that was not kept. */
  readonly failures: readonly string[];
}

export interface SoakOptions {
  /** No event and no cut for so long means that something hangs. Default 60,000. */
  readonly silenceMs?: number;
  /** How many file descriptors more the executor may hold at the end than at the start. Default: any number. */
  readonly maxFdGrowth?: number;
}

const CLEAN_UP_MS = 10_000;

/** Work through a plan against an executor. Everything that is made lies in `folder`. Rejects only when it hangs. */
export async function soak(
  served: ServedExecutor,
  folder: string,
  plan: Plan,
  { silenceMs = 60_000, maxFdGrowth = Number.POSITIVE_INFINITY }: SoakOptions = {},
): Promise<SoakResult> {
  const bytesFile = join(folder, "bytes");
  await writeFile(bytesFile, plan.bytes);
  const before = await usageOf(served.pid);
  const run = new SoakRun(folder, bytesFile);
  using watchdog = new Watchdog(silenceMs, () => run.progress());
  const startMs = performance.now();
  const lines: SoakedLine[] = [];
  try {
    for (const _ of plan.lines) lines.push(await SoakedLine.to(served.url));
    const cutting = Promise.all(lines.map((line, n) => run.cutLine(line, plan.lines[n] ?? [], `line-${n}`)));
    await watchdog.guard(cutting);
    const cuttingSeconds = (performance.now() - startMs) / 1000;
    await watchdog.guard(run.finished());
    const seconds = (performance.now() - startMs) / 1000;
    for (const line of lines) await line.healed();
    const broken = [...run.failures(), ...(await leftOverProcesses(folder))];
    for (const line of lines.splice(0)) {
      run.pausesMs.push(...line.pausesMs);
      await line[Symbol.asyncDispose]();
    }
    const after = await settledUsage(served.pid, before, maxFdGrowth);
    const failures = [...broken, ...leakedFds(before, after, maxFdGrowth)];
    return { ...run.summary(), seconds, cuttingSeconds, before, after, failures };
  } finally {
    for (const line of lines) await line[Symbol.asyncDispose]();
  }
}

/** What has happened so far. */
class SoakRun {
  readonly pausesMs: number[] = [];
  readonly #folder: string;
  readonly #bytesFile: string;
  readonly #verdicts = new Map<SoakedProcess, Promise<Verdict>>();
  readonly #settled = new Map<SoakedProcess, Verdict>();
  #cuts = 0;

  constructor(folder: string, bytesFile: string) {
    this.#folder = folder;
    this.#bytesFile = bytesFile;
  }

  async cutLine(line: SoakedLine, cuts: readonly PlannedCut[], lineName: string): Promise<void> {
    for (const [n, { delayMs, leadMs, starts, cut }] of cuts.entries()) {
      await pause(delayMs - leadMs);
      for (const [m, program] of starts.entries()) {
        const place = { line, folder: this.#folder, bytesFile: this.#bytesFile, name: `${lineName}.${n}.${m}` };
        this.#launch(new SoakedProcess(program, place));
      }
      if (leadMs > 0) await pause(leadMs);
      await line.cut(cut);
      this.#cuts += 1;
    }
  }

  async finished(): Promise<void> {
    await Promise.all(this.#verdicts.values());
  }

  /** Changes whenever anything happens; also what to say when nothing does. */
  progress(): { readonly mark: string; readonly dump: () => string } {
    const processes = [...this.#verdicts.keys()];
    const received = processes.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
    const open = processes.filter((each) => !this.#settled.has(each));
    const dump = (): string => [`${this.#cuts} cuts`, ...open.map((each) => each.describe())].join("\n  ");
    return { mark: `${this.#cuts} ${received} ${open.length}`, dump };
  }

  summary(): Pick<SoakResult, "cuts" | "ok" | "gapTold" | "unknownStarts" | "receivedBytes" | "pausesMs"> {
    const processes = [...this.#verdicts.keys()];
    const verdicts = [...this.#settled.values()];
    return {
      cuts: this.#cuts,
      ok: verdicts.filter(({ kind }) => kind === "ok").length,
      gapTold: verdicts.filter(({ kind }) => kind === "gap-told").length,
      unknownStarts: processes.reduce((sum, { unknownStarts }) => sum + unknownStarts, 0),
      receivedBytes: processes.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
      pausesMs: this.pausesMs,
    };
  }

  failures(): string[] {
    return [...this.#settled].flatMap(([each, verdict]) =>
      verdict.kind === "failed" ? [`${each.describe()}: ${verdict.problems.join("; ")}`] : [],
    );
  }

  #launch(each: SoakedProcess): void {
    const verdict = each.run();
    this.#verdicts.set(each, verdict);
    void verdict.then((settled) => this.#settled.set(each, settled));
  }
}

/** Starts whose answer was lost are cleaned up behind the caller's back; that may take a moment. */
async function leftOverProcesses(folder: string): Promise<string[]> {
  try {
    await until(async () => (await stillRunning(folder)).length === 0, { deadlineMs: CLEAN_UP_MS, intervalMs: 50 });
    return [];
  } catch {
    return (await stillRunning(folder)).map((name) => `${name}: still running at the end`);
  }
}

/** The executor may take a moment to notice that its clients are gone. */
async function settledUsage(pid: number, before: Usage, maxFdGrowth: number): Promise<Usage> {
  const hasSettled = async (): Promise<boolean> => leakedFds(before, await usageOf(pid), maxFdGrowth).length === 0;
  await until(hasSettled, { deadlineMs: CLEAN_UP_MS, intervalMs: 50 }).catch(() => {});
  return usageOf(pid);
}

function leakedFds(before: Usage, after: Usage, maxFdGrowth: number): string[] {
  if (before.fdCount === undefined || after.fdCount === undefined) return [];
  const message = `executor: ${after.fdCount} file descriptors at the end, ${before.fdCount} at the start`;
  return after.fdCount > before.fdCount + maxFdGrowth ? [message] : [];
}
