import { isAtLeast, type Release } from "@holdfast/reference-peer";
import { BadLine } from "@holdfast/testkit";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { scratchCodexHome, temporaryFolder } from "../places.ts";
import { type Keeper, keeperOf, ownKeeper } from "./dialled.ts";
import { FILES } from "./files.ts";
import { HELD, heldExecutor } from "./held-executor.ts";
import { judgeFiles } from "./judge-files.ts";
import { SITUATIONS, type Situation } from "./situations.ts";

/** The first whose app server is looked at. */
const FIRST_WITH_ENVIRONMENTS = "0.144.0";

/** @returns whether all of it is as promised. */
export async function runEnvironments(releases: readonly Release[], print: (line: string) => void): Promise<boolean> {
  let isAsPromised = true;
  for (const release of releases) {
    const name = `codex ${release.version}`.padEnd(14);
    const held = await heldExecutor(release);
    if (held !== HELD) isAsPromised = false;
    print(
      `${name} ${held === HELD ? "pass" : "FAIL"} on its executor a process outlives a cut line and another registration: ${held}`,
    );
    if (!isAtLeast(release.version, FIRST_WITH_ENVIRONMENTS)) continue;
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
