import { resolve } from "node:path";
import {
  type DecidingRule,
  type Explanation,
  explain as explainPaths,
  isSandboxError,
  type Machine,
  probeMachine,
} from "@holdfast/sandbox";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK, UsageError } from "../command-line/failure.ts";
import { printable, printableJson, printableLines } from "../command-line/printable.ts";
import { ownPlaces } from "../own-places.ts";
import { privatePlaces } from "../private-places.ts";
import { confinementContext } from "./confinement-context.ts";
import { refusedProfile } from "./refusal.ts";
import { ruleText } from "./rule-text.ts";
import type { ExplainTask, SandboxRequest } from "./sandbox-request.ts";

const GAP = "  ";
const HEADINGS = ["PATH", "ACCESS", "RULE"] as const;

/** A path as it was asked for, and what the sandbox makes of it. */
interface Answer {
  readonly written: string;
  readonly explanation: Explanation;
}

/** Tell what the command could touch, without starting anything. @returns the exit code. */
export async function explain(context: Context, request: SandboxRequest, task: ExplainTask): Promise<number> {
  const wrong = task.paths.find((path) => path === "" || path.includes("\0"));
  if (wrong !== undefined) throw new UsageError("PATH must not be empty, nor contain a NUL");
  const { env, cwd } = context;
  const executor = await import("@holdfast/executor");
  // As for the executor that a command would be started by.
  const probed = await probeMachine({ env, cwd, ownPlaces: executor.ownPlaces(ownPlaces(env)) });
  const machine = { ...probed, hiddenPlaces: privatePlaces(env) };
  const explanations = explained(context, request, machine, task);
  const answers = explanations.map((explanation, index) => ({ written: task.paths[index] ?? "", explanation }));
  if (request.profile !== undefined && machine.means.kind === "unavailable") {
    const { reason } = machine.means;
    context.stderr.write(printableLines(`holdfast sandbox: nothing can be confined here: ${reason}\n`));
  }
  context.stdout.write(printableLines(task.json ? toJson(answers) : toTable(answers)));
  return EXIT_OK;
}

function explained(
  { env }: Context,
  request: SandboxRequest,
  machine: Machine,
  { paths }: ExplainTask,
): readonly Explanation[] {
  const { profile, cwd } = request;
  const variables = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  // In `/`, because a profile that hides the working folder can be explained all the same.
  const intent = profile && {
    context: confinementContext(profile, request),
    argv: ["true"],
    cwd: "/",
    env: Object.fromEntries(variables),
  };
  try {
    return explainPaths(
      intent,
      machine,
      paths.map((path) => resolve(cwd, path)),
    );
  } catch (error) {
    throw error instanceof Error && isSandboxError(error) ? refusedProfile(error) : error;
  }
}

function toJson(answers: readonly Answer[]): string {
  const paths = answers.map(({ written, explanation: { path, exists, access, rule } }) => ({
    path: written,
    realPath: path,
    exists,
    access: accessWord(access),
    rule: rule.kind,
    entry: entryIndex(rule),
    reason: ruleText(rule),
  }));
  return printableJson({ paths });
}

function toTable(answers: readonly Answer[]): string {
  const rows = answers.map(({ written, explanation: { asked, path, access, rule } }) => [
    printable(asked === path ? written : `${written} -> ${path}`),
    accessWord(access),
    printable(ruleText(rule)),
  ]);
  const [first, second] = [0, 1].map((column) =>
    Math.max(...[HEADINGS, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  return [HEADINGS, ...rows]
    .map(
      ([path = "", access = "", rule = ""]) =>
        `${path.padEnd(first ?? 0)}${GAP}${access.padEnd(second ?? 0)}${GAP}${rule}\n`,
    )
    .join("");
}

function accessWord(access: Explanation["access"]): string {
  return access === "deny" ? "none" : access;
}

function entryIndex(rule: DecidingRule): number | null {
  if ("index" in rule) return rule.index;
  return "cause" in rule ? (rule.cause?.index ?? null) : null;
}
