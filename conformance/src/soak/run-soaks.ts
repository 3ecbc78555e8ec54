import { randomInt } from "node:crypto";
import type { Release } from "@holdfast/reference-peer";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { type ExecutorUnderTest, executorName } from "../matrix.ts";
import type { SoakChoice } from "../options.ts";
import { temporaryFolder } from "../places.ts";
import { startReferenceExecutor } from "../reference-executor.ts";
import { FULL_SOAK, makePlan, SHORT_SOAK } from "./plan.ts";
import { SOAK_HEADER, soakRow } from "./report.ts";
import { soak } from "./soak.ts";

/** Our own executor gives back what its clients made it hold, but for a socket that is about to go. */
const OWN_MAX_FD_GROWTH = 8;

/** Soak our own executor, or the chosen releases, and print a table. Returns whether every promise was kept. */
export async function runSoaks(choice: SoakChoice, releases: readonly Release[]): Promise<boolean> {
  const executors: ExecutorUnderTest[] =
    choice.releases === undefined ? [{ kind: "holdfast" }] : releases.map((release) => ({ kind: "codex", release }));
  console.log(SOAK_HEADER);
  const failures: string[] = [];
  for (const executor of executors) failures.push(...(await soakOne(executor, choice)));
  for (const failure of failures) console.error(`conformance: ${failure}`);
  return failures.length === 0;
}

async function soakOne(executor: ExecutorUnderTest, choice: SoakChoice): Promise<readonly string[]> {
  const size = executor.kind === "holdfast" ? FULL_SOAK : SHORT_SOAK;
  const { seed = randomInt(2 ** 32), cuts = size.cuts, processes = size.processes } = choice;
  await using folder = await temporaryFolder();
  await using served =
    executor.kind === "holdfast"
      ? await startHoldfastExecutor(folder.path)
      : await startReferenceExecutor(executor.release, folder.path);
  const plan = makePlan({ ...size, seed, cuts, processes });
  const name = executorName(executor);
  try {
    const limits = executor.kind === "holdfast" ? { maxFdGrowth: OWN_MAX_FD_GROWTH } : {};
    const result = await soak(served, folder.path, plan, limits);
    console.log(soakRow(name, seed, result));
    return result.failures.map((failure) => `${name}, seed ${seed}: ${failure}`);
  } catch (error) {
    return [`${name}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
