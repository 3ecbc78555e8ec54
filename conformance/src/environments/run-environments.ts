import type { Release } from "@holdfast/reference-peer";
import { BadLine } from "@holdfast/testkit";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { scratchCodexHome, temporaryFolder } from "../places.ts";
import { type Keeper, keeperOf, ownKeeper } from "./dialled.ts";
import { FILES } from "./files.ts";
import { judgeFiles } from "./judge-files.ts";
import { SITUATIONS, type Situation } from "./situations.ts";

/** @returns whether all of it is as promised. */
export async function runEnvironments(releases: readonly Release[], print: (line: string) => void): Promise<boolean> {
  let isAsPromised = true;
  for (const release of releases) {
    const name = `codex ${release.version}`.padEnd(14);
    await using home = await scratchCodexHome();
    const findings = await judgeFiles(release, home.path);
    print(`${name} ${FILES.length} files, ${findings.length} judged otherwise than expected`);
    for (const finding of findings) print(`    ${finding}`);
    isAsPromised &&= findings.length === 0;
    for (const situation of SITUATIONS) {
      const seen = await compared(situation, release);
      if (!seen.isExpected) isAsPromised = false;
      print(`${name} ${seen.isExpected ? "pass" : "FAIL"} ${situation.sentence}: ${seen.text}`);
    }
  }
  return isAsPromised;
}

async function compared(situation: Situation, release: Release) {
  const home = await scratchCodexHome();
  await using _home = home;
  const theirs = await seenWith(situation, () => keeperOf(release, home.path));
  const ours = await seenWith(situation, () => Promise.resolve(ownKeeper()));
  if (theirs === ours) return { isExpected: true, text: ours };
  const known = situation.otherwise?.[release.version];
  const isExpected = known?.seen.test(theirs) === true;
  return { isExpected, text: `${ours}; the release: ${theirs}${isExpected ? ` (${known.reason})` : ""}` };
}

async function seenWith(situation: Situation, open: () => Promise<Keeper>): Promise<string> {
  await using folder = await temporaryFolder();
  await using executor = await startHoldfastExecutor(folder.path);
  await using line = await BadLine.to(executor.url);
  await using keeper = await open();
  return await situation.run(keeper, line);
}
