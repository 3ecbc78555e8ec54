import type { Release } from "@holdfast/reference-peer";
import { scratchCodexHome } from "../places.ts";
import { configurationsOf, judgeConfigurations } from "./judge-configurations.ts";
import { judgeLogins } from "./judge-logins.ts";
import { judgeNames } from "./judge-names.ts";
import type { McpRunOptions } from "./options.ts";
import { randomTools } from "./random-tools.ts";

/** @returns whether all of it is as promised. */
export async function runMcp(
  { rounds, seed }: McpRunOptions,
  releases: readonly Release[],
  print: (line: string) => void,
): Promise<boolean> {
  print(`seed ${seed}`);
  let findings = 0;
  for (const release of releases) {
    const tell = (what: string, found: readonly string[]): void => {
      findings += found.length;
      print(`${`codex ${release.version}`.padEnd(14)} ${found.length === 0 ? "pass" : "FAIL"} ${what}`);
      for (const finding of found) print(`    ${finding}`);
    };
    tell(
      `${configurationsOf(release).length} configurations are judged alike`,
      await inHome((home) => judgeConfigurations(release, home)),
    );
    for (let round = 0; round < rounds; round += 1) {
      const tools = randomTools(release, seed + round);
      const count = Object.values(tools).flat().length;
      tell(
        `${count} tools of ${Object.keys(tools).length} servers have the same names`,
        await inHome((home) => judgeNames(release, home, tools)),
      );
    }
    tell("a login that we keep is found, used and forgotten", await inHome((home) => judgeLogins(release, home)));
  }
  return findings === 0;
}

async function inHome(judge: (home: string) => Promise<readonly string[]>): Promise<readonly string[]> {
  await using home = await scratchCodexHome();
  return await judge(home.path);
}
