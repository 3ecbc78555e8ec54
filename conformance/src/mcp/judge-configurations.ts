import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { McpConfigError, parseMcpServers } from "@holdfast/mcp";
import { parseToml } from "@holdfast/orchestrator";
import { isAtLeast, type Release } from "@holdfast/reference-peer";
import { CONFIGURATIONS, type JudgedConfiguration } from "./configurations.ts";
import { runRelease } from "./run-release.ts";

const TAKEN = "taken";

/** Those that a release knows the members of. */
export function configurationsOf({ version }: Release): readonly JudgedConfiguration[] {
  return CONFIGURATIONS.filter(({ since }) => since === undefined || isAtLeast(version, since));
}

/** Compare what a release and what we say of each configuration. @returns what differs without a reason. */
export async function judgeConfigurations(release: Release, home: string): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const configuration of configurationsOf(release)) {
    const text = `[mcp_servers.S]\n${configuration.lines}\n`;
    await writeFile(join(home, "config.toml"), text);
    const theirs = verdictOf(await runRelease(release, home, ["mcp", "list", "--json"]));
    const ours = ourVerdict(text);
    if (agree(theirs, ours, configuration)) continue;
    findings.push(`${JSON.stringify(configuration.lines)}\n      it says ${theirs}\n      we say  ${ours}`);
  }
  return findings;
}

function agree(theirs: string, ours: string, { difference, isTaken }: JudgedConfiguration): boolean {
  if (difference === undefined) return theirs === ours;
  const taken = theirs === TAKEN ? "by the release" : ours === TAKEN ? "by us" : undefined;
  return theirs !== ours && taken === isTaken;
}

function ourVerdict(text: string): string {
  try {
    parseMcpServers(parseToml(text).root.mcp_servers);
    return TAKEN;
  } catch (error) {
    if (error instanceof McpConfigError) return error.message;
    throw error;
  }
}

/** What is refused, without what is around it: older releases tell it twice, with the place in the file first. */
function verdictOf({ exitCode, output }: Awaited<ReturnType<typeof runRelease>>): string {
  if (exitCode === 0) return TAKEN;
  const words = output.replace(/\n\s*Stack backtrace:[\s\S]*$/u, "").replaceAll(/\s*\n\s*/gu, " ");
  return words.replace(/^.*Caused by: (?:0: .* 1: )?/u, "").trim();
}
