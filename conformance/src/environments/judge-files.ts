import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EnvironmentsFileError, parseEnvironmentsFile } from "@holdfast/orchestrator";
import { isAtLeast, type Release } from "@holdfast/reference-peer";
import { environmentOf } from "../app-server-line/served-app-server.ts";
import { endChild, ownChild } from "../owned.ts";
import { FILES, type JudgedFile } from "./files.ts";

const TAKEN = "taken";

/** Compare what a release and what we say of each file. @returns what differs without a reason. */
export async function judgeFiles(release: Release, home: string): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const file of FILES) {
    if (file.since !== undefined && !isAtLeast(release.version, file.since)) continue;
    const path = join(home, "environments.toml");
    await writeFile(path, file.text);
    const theirs = await verdictOf(release, home);
    const ours = ourVerdict(file.text, path, home);
    if (!agree(theirs, ours, file))
      findings.push(`${JSON.stringify(file.text)}\n  it says ${theirs}\n  we say  ${ours}`);
  }
  return findings;
}

/** Those that are expected to differ begin alike, and both refuse. */
function agree(theirs: string, ours: string, { difference }: JudgedFile): boolean {
  if (difference === undefined) return theirs === ours || theirs === ours.replace(/ in `[^`]+`$/u, "");
  return theirs !== TAKEN && ours !== TAKEN && theirs !== ours && beginning(theirs) === beginning(ours);
}

function beginning(text: string): string {
  return text.slice(0, "exec-server protocol error: environment ".length);
}

function ourVerdict(text: string, file: string, folder: string): string {
  try {
    parseEnvironmentsFile(text, { file, folder });
    return TAKEN;
  } catch (error) {
    if (error instanceof EnvironmentsFileError) return error.message;
    throw error;
  }
}

/** It ends at once with what it refuses, or answers. */
async function verdictOf({ program }: Release, home: string): Promise<string> {
  const child = ownChild(spawn(program, ["app-server"], { env: environmentOf(home), stdio: ["pipe", "pipe", "pipe"] }));
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  child.stdin.on("error", () => {});
  child.stdin.write(
    `${JSON.stringify({ id: 1, method: "initialize", params: { clientInfo: { name: "c", version: "1" } } })}\n`,
  );
  const answered = once(child.stdout, "data").then(() => TAKEN);
  const ended = once(child, "close").then(() => log);
  const verdict = await Promise.race([answered, ended]);
  await endChild(child);
  return verdict === TAKEN ? TAKEN : wordsOf(verdict);
}

/** What is refused, without what is around it: older releases draw the line, and the newest name the member. */
function wordsOf(log: string): string {
  const text = log.replace(/\n\s*Stack backtrace:[\s\S]*$/u, "");
  const words = text.replace(/TOML parse error at line[\s\S]*\n\s*\| *\^+\n/u, "");
  return words
    .trim()
    .replace(/^Error: /u, "")
    .replaceAll(/\s*\n\s*/gu, " ");
}
