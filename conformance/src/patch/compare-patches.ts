import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { connect, type Executor } from "@holdfast/exec-client";
import { applyPatch, isPatchError } from "@holdfast/orchestrator";
import type { Release } from "@holdfast/reference-peer";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { temporaryFolder } from "../places.ts";
import { contentsOf, lay } from "./ground.ts";
import type { PatchCase, PatchOutcome } from "./patch-case.ts";
import { applyByRelease } from "./release-patch.ts";

/** Cases that run at a time. */
const SIDE = 4;

/** What is not as it should be with a case. */
export interface PatchFinding {
  readonly name: string;
  readonly problem: string;
}

/**
 * Apply patches by a release's own program and by ours on a real executor, each on files of its own.
 *
 * The same must be applied, told in the same words, and left behind. What is not applied must be told in words that begin as the release's, and leave nothing
 * behind. A case that is known to differ must differ.
 */
export async function comparePatches(
  cases: readonly PatchCase[],
  release: Release,
  print: (text: string) => void = () => {},
): Promise<readonly PatchFinding[]> {
  await using folder = await temporaryFolder();
  await using served = await startHoldfastExecutor(folder.path);
  await using executor = await connect(served.url);
  const findings: PatchFinding[] = [];
  const left = cases.entries();
  const work = async (): Promise<void> => {
    for (const [index, each] of left) {
      const problem = await compare(each, release, { executor, folder: join(folder.path, `${index}`) });
      if (problem === undefined) continue;
      findings.push({ name: each.name, problem });
      print(`${each.name}: ${problem}\n${JSON.stringify(each)}`);
    }
  };
  await Promise.all(Array.from({ length: SIDE }, work));
  return findings;
}

async function compare(
  each: PatchCase,
  release: Release,
  { executor, folder }: { readonly executor: Executor; readonly folder: string },
): Promise<string | undefined> {
  const [theirs, ours] = ["theirs", "ours"].map((name) => join(folder, name)) as [string, string];
  for (const ground of [theirs, ours]) {
    await mkdir(ground, { recursive: true });
    await lay(ground, each);
  }
  const before = await contentsOf(ours);
  const expected = await applyByRelease(release, theirs, each.patch);
  const outcome = await applyByOurs(executor, ours, each.patch);
  await rm(folder, { recursive: true });
  if (!outcome.isApplied && !isEqual(outcome.contents, before)) return `not applied, but ${shown(outcome.contents)}`;
  const difference = differenceOf(expected, outcome);
  if (each.differs === undefined) return difference;
  return difference === undefined && isEqual(expected.contents, outcome.contents)
    ? `it does not differ any more, although ${each.differs}`
    : undefined;
}

function differenceOf(expected: PatchOutcome, outcome: PatchOutcome): string | undefined {
  if (expected.isApplied !== outcome.isApplied) return `expected ${shown(expected)}, was ${shown(outcome)}`;
  if (!expected.isApplied) {
    return outcome.text.startsWith(withoutSystem(expected.text))
      ? undefined
      : `expected ${shown(expected.text)}, was ${shown(outcome.text)}`;
  }
  return isEqual(expected, outcome) ? undefined : `expected ${shown(expected)}, was ${shown(outcome)}`;
}

/** What a system says about a file it says in the words of its client. */
function withoutSystem(text: string): string {
  return text.startsWith("Failed to read file to update ") ? text.slice(0, text.lastIndexOf(": ")) : text;
}

async function applyByOurs(executor: Executor, folder: string, patch: string): Promise<PatchOutcome> {
  try {
    const { summary } = await applyPatch(executor, patch, { cwd: folder });
    return { isApplied: true, text: summary, contents: await contentsOf(folder) };
  } catch (error) {
    if (!isPatchError(error)) throw error;
    const text = error.message.replaceAll(folder, "$DIR");
    return { isApplied: false, text, contents: await contentsOf(folder) };
  }
}

function isEqual(a: unknown, b: unknown): boolean {
  return shown(a) === shown(b);
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}
