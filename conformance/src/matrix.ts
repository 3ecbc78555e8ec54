import { isAtLeast, type Release } from "@holdfast/reference-peer";
import { converse } from "./conversation.ts";
import { expectedFailure } from "./expected-failures.ts";
import { startHoldfastExecutor } from "./holdfast-executor.ts";
import { temporaryFolder } from "./places.ts";
import { startReferenceExecutor } from "./reference-executor.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";

/** An executor that can be put under test: a release, or ours. */
export type ExecutorUnderTest = { readonly kind: "codex"; readonly release: Release } | { readonly kind: "holdfast" };

/** One cell of the matrix. */
export interface Cell {
  readonly scenario: Scenario;
  readonly executor: ExecutorUnderTest;
  /** The orchestrator's release; only in the `cli` direction. */
  readonly cli?: Release;
}

/** `unexpected-pass`: an expected failure that does not fail any more; its entry is stale. */
export type Verdict = "pass" | "fail" | "expected-fail" | "unexpected-pass";

export interface CellResult {
  readonly scenario: string;
  readonly peer: string;
  readonly executor: string;
  readonly verdict: Verdict;
  readonly durationMs: number;
  /** Why it failed, on one line. */
  readonly note?: string;
}

export function isExpected({ verdict }: CellResult): boolean {
  return verdict === "pass" || verdict === "expected-fail";
}

export function executorName(executor: ExecutorUnderTest): string {
  return executor.kind === "holdfast" ? "holdfast" : `codex ${executor.release.version}`;
}

function peerName({ scenario, cli }: Cell): string {
  if (scenario.direction === "cli") return `codex ${cli?.version ?? "?"}`;
  return scenario.direction === "client" ? "holdfast" : "raw wire";
}

function applies(scenario: Scenario, executor: ExecutorUnderTest): boolean {
  return (
    scenario.since === undefined || executor.kind === "holdfast" || isAtLeast(executor.release.version, scenario.since)
  );
}

/** Every cell that makes sense: a CLI meets its own release and ours, the rest meets every executor. */
export function planCells(
  scenarios: readonly Scenario[],
  options: { cliReleases: readonly Release[]; executors: readonly ExecutorUnderTest[]; cross: boolean },
): Cell[] {
  return scenarios.flatMap((scenario): Cell[] => {
    const executors = options.executors.filter((executor) => applies(scenario, executor));
    if (scenario.direction !== "cli") return executors.map((executor) => ({ scenario, executor }));
    const { cliSince } = scenario;
    const clis = options.cliReleases.filter((cli) => cliSince === undefined || isAtLeast(cli.version, cliSince));
    return clis.flatMap((cli) =>
      executors
        .filter((executor) => options.cross || executor.kind === "holdfast" || executor.release.version === cli.version)
        .map((executor) => ({ scenario, executor, cli })),
    );
  });
}

async function runScenario({ scenario, executor, cli }: Cell): Promise<void> {
  await using folder = await temporaryFolder();
  const context: ScenarioContext = {
    executorName: executorName(executor),
    executorRelease: executor.kind === "codex" ? executor.release.version : undefined,
    folder: folder.path,
    serve: (options = {}) =>
      executor.kind === "codex"
        ? startReferenceExecutor(executor.release, folder.path, options)
        : startHoldfastExecutor(folder.path, options),
  };
  if (scenario.direction !== "cli") {
    await scenario.run(context);
    return;
  }
  if (cli === undefined) throw new Error(`${scenario.id} needs a release to play the orchestrator`);
  await scenario.run({
    ...context,
    cli,
    converse: (url, turns, options) => converse(cli, url, folder.path, turns, options),
  });
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").slice(0, 200);
}

/** Run one cell. Never throws: whatever goes wrong is its verdict. */
export async function runCell(cell: Cell): Promise<CellResult> {
  const executor = executorName(cell.executor);
  const expected = expectedFailure(cell.scenario.id, executor);
  const startedAt = performance.now();
  const base = { scenario: cell.scenario.id, peer: peerName(cell), executor };
  const durationMs = (): number => Math.round(performance.now() - startedAt);
  try {
    await runScenario(cell);
    if (expected === undefined) return { ...base, verdict: "pass", durationMs: durationMs() };
    return {
      ...base,
      verdict: "unexpected-pass",
      durationMs: durationMs(),
      note: `expected to fail: ${expected.reason}`,
    };
  } catch (error) {
    const message = oneLine(error);
    if (!expected?.failsWith.test(message))
      return { ...base, verdict: "fail", durationMs: durationMs(), note: message };
    return { ...base, verdict: "expected-fail", durationMs: durationMs(), note: expected.reason };
  }
}
