import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_FAILURE, EXIT_OK } from "../command-line/failure.ts";
import { printableJson, printableLines } from "../command-line/printable.ts";
import type { Check, Finding } from "./check.ts";
import { executorChecks } from "./executor-checks.ts";
import { sandboxChecks } from "./sandbox-checks.ts";
import { systemChecks } from "./system-checks.ts";

interface Row {
  readonly check: Check;
  readonly finding: Finding;
}

/** `holdfast doctor` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const checks = [...systemChecks(context), ...executorChecks(context), ...confinedChecks(context)];
  const rows = await Promise.all(checks.map(async (check): Promise<Row> => ({ check, finding: await check.look() })));
  const isReady = rows.every(({ check, finding }) => finding.state === "ok" || !check.isNeeded);
  context.stdout.write(printableLines(args.has("json") ? printableJson(toJson(rows, isReady)) : toText(rows)));
  return isReady ? EXIT_OK : EXIT_FAILURE;
}

/** Elsewhere nothing confines, and the platform is told about already. */
function confinedChecks(context: Context): readonly Check[] {
  return process.platform === "linux" || process.platform === "darwin" ? sandboxChecks(context) : [];
}

function toJson(rows: readonly Row[], isReady: boolean) {
  return {
    ready: isReady,
    checks: rows.map(({ check, finding }) => ({
      name: check.name,
      state: finding.state,
      needed: check.isNeeded,
      why: check.why,
      detail: finding.detail,
      mend: finding.mend ?? null,
    })),
  };
}

function toText(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ check }) => check.name.length));
  return rows
    .map(({ check, finding }) => {
      const head = `${finding.state.padEnd(7)}  ${check.name.padEnd(width)}  ${finding.detail}`;
      if (finding.state === "ok") return `${head} (${check.why})\n`;
      const weight = check.isNeeded ? "needed" : "optional";
      return `${head}\n         ${weight}: ${check.why}\n         to mend it: ${finding.mend}\n`;
    })
    .join("");
}
