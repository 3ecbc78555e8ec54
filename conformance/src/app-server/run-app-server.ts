import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isAtLeast } from "@holdfast/reference-peer";
import { callEveryMethod, type Outcomes } from "./call-every-method.ts";
import { expectedFinding, staleFindings } from "./expected-findings.ts";
import type { Finding } from "./judge-frames.ts";
import { differences, readReport, reportText } from "./method-report.ts";
import type { AppServerRunOptions } from "./options.ts";
import { runScenario } from "./run-scenario.ts";
import { APP_SERVER_SCENARIOS } from "./scenarios/index.ts";
import { type ServerRelease, shownServer } from "./server-release.ts";

const REPORT = fileURLToPath(new URL("../../app-server-methods.md", import.meta.url));

/** Characters of a message that are shown with what is wrong about it. */
const SHOWN_CHARACTERS = 300;

/** @returns whether all went as expected. */
export async function runAppServer(
  options: AppServerRunOptions,
  releases: readonly ServerRelease[],
  print: (line: string) => void,
): Promise<boolean> {
  const scenarios = APP_SERVER_SCENARIOS.filter(({ id }) => id.includes(options.scenario ?? ""));
  const report = new Map(readReport(await readFile(REPORT, "utf8").catch(() => "")));
  let unexpected = 0;
  const complain = (line: string): void => {
    unexpected++;
    print(line);
  };
  for (const release of releases) {
    const findings: Finding[] = [];
    let messages = 0;
    for (const scenario of scenarios) {
      if (scenario.since !== undefined && !isAtLeast(release.version, scenario.since)) continue;
      const result = await runScenario(scenario, release);
      messages += result.messages;
      findings.push(...result.findings);
      const line = `${scenario.id.padEnd(34)} ${shownServer(release)}`;
      if (result.failure === undefined) print(`${line} pass`);
      else complain(`${line} FAIL  ${textOf(result.failure)}`);
    }
    if (options.scenario === undefined) {
      const { outcomes, judgement } = await callEveryMethod(release);
      messages += judgement.messages;
      findings.push(...judgement.findings);
      print(outcomeCounts(release, outcomes));
      if (options.write) report.set(release.name, outcomes);
      else for (const line of differences(release.name, outcomes, report)) complain(`STALE report: ${line}`);
      for (const { method, why } of staleFindings(release.name, findings)) {
        complain(`STALE exception for ${release.name}: ${method} is as the protocol says now (${why})`);
      }
    }
    const wrong = findings.filter((finding) => expectedFinding(release.name, finding) === undefined);
    print(
      `${messages} messages of ${release.name}, ${findings.length} not as the protocol says, ${wrong.length} of them unexpected`,
    );
    for (const line of new Set(wrong.map(findingText))) complain(line);
  }
  if (options.write)
    await writeFile(REPORT, reportText(new Map([...report].sort(([one], [other]) => (one < other ? -1 : 1)))));
  return unexpected === 0;
}

function outcomeCounts({ name }: ServerRelease, outcomes: Outcomes): string {
  const count = (begin: string): number => [...outcomes.values()].filter((outcome) => outcome.startsWith(begin)).length;
  const [ok, unknown, unserved, left] = ["ok", "not known", "not served", "not called"].map(count);
  const refused = outcomes.size - (ok ?? 0) - (unknown ?? 0) - (unserved ?? 0) - (left ?? 0);
  return `${outcomes.size} methods on ${name}: ${ok} ok, ${refused} refused, ${unknown} not known, ${unserved} not served, ${left} not called`;
}

function findingText({ from, method, part, reason, text }: Finding): string {
  return `  ${from} ${method} ${part}: ${reason}: ${text.slice(0, SHOWN_CHARACTERS)}`;
}

function textOf(failure: unknown): string {
  return failure instanceof Error ? failure.message.replaceAll("\n", "\n    ") : String(failure);
}
