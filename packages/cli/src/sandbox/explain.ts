import type { Context } from "../command-line/context.ts";
import { EXIT_OK, UsageError } from "../command-line/failure.ts";
import { printable, printableJson, printableLines } from "../command-line/printable.ts";
import { confinementContext } from "./confinement-context.ts";
import { createExplainer } from "./explainer.ts";
import type { Explanation, Rule } from "./explanation.ts";
import { ruleText } from "./rule-text.ts";
import type { ExplainTask, SandboxRequest } from "./sandbox-request.ts";

const GAP = "  ";
const HEADINGS = ["PATH", "ACCESS", "RULE"] as const;

/** Tell what the command could touch, without starting anything. @returns the exit code. */
export async function explain(context: Context, request: SandboxRequest, task: ExplainTask): Promise<number> {
  const wrong = task.paths.find((path) => path === "" || path.includes("\0"));
  if (wrong !== undefined) throw new UsageError("PATH must not be empty, nor contain a NUL");
  const { profile, cwd } = request;
  const explainer = await createExplainer(profile && confinementContext(profile, request), context, cwd);
  const explanations = task.paths.map((path) => explainer.explain(path));
  if (explainer.unavailable !== undefined) {
    context.stderr.write(printableLines(`holdfast sandbox: nothing can be confined here: ${explainer.unavailable}\n`));
  }
  context.stdout.write(printableLines(task.json ? toJson(explanations) : toTable(explanations)));
  return EXIT_OK;
}

function toJson(explanations: readonly Explanation[]): string {
  const paths = explanations.map((explanation) => {
    const { asked, path, exists, access, rule } = explanation;
    return {
      path: asked,
      realPath: path,
      exists,
      access,
      rule: rule.kind,
      entry: entryIndex(rule),
      reason: ruleText(rule),
    };
  });
  return printableJson({ paths });
}

function toTable(explanations: readonly Explanation[]): string {
  const rows = explanations.map((each): readonly [string, string, string] => [
    printable(each.absolute === each.path ? each.asked : `${each.asked} -> ${each.path}`),
    each.access,
    printable(ruleText(each.rule)),
  ]);
  const [first, second] = [0, 1].map((column) =>
    Math.max(...[HEADINGS, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  return [HEADINGS, ...rows]
    .map(([path, access, rule]) => `${path.padEnd(first ?? 0)}${GAP}${access.padEnd(second ?? 0)}${GAP}${rule}\n`)
    .join("");
}

function entryIndex(rule: Rule): number | null {
  if ("index" in rule) return rule.index;
  return "cause" in rule ? (rule.cause?.index ?? null) : null;
}
