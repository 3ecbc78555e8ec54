import { type AppliedPatch, applyPatch, isPatchError, type PatchError, parsePatch } from "@holdfast/orchestrator";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf } from "../command-line/failure.ts";
import { onOneLine, printableJson, printableLines } from "../command-line/printable.ts";
import { openExecutor } from "../executor/open-executor.ts";
import { remotePath } from "../executor/remote-path.ts";
import { Interruption } from "../signals/interruption.ts";
import { readPatch } from "./read-patch.ts";

const SANDBOX_POLICIES = ["read-only", "workspace-write", "none"] as const;

/** `holdfast patch` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const { stdout, stderr } = context;
  const isCheck = args.has("check");
  const sandbox = args.choice("sandbox", SANDBOX_POLICIES) ?? "none";
  try {
    const patch = parsePatch(await readPatch(context, args.positionals[0]));
    using interruption = new Interruption("nothing was changed");
    const { signal } = interruption;
    await using opened = await openExecutor(context, args, { signal });
    const { executor } = opened;
    const cwd = remotePath(args.text("cwd") ?? "", executor.environment, "--cwd");
    const applied = await applyPatch(executor, patch, {
      cwd,
      sandbox,
      root: args.has("unsafe-paths") ? undefined : cwd,
      check: isCheck,
      signal,
    });
    if (args.has("json")) stdout.write(printableJson(outcomeOf(applied)));
    else stdout.write(printableLines(applied.summary));
    for (const { path, reason } of applied.remains) {
      stderr.write(printableLines(`holdfast patch: ${onOneLine(`${path} is left over: ${reason}`)}\n`));
    }
    return EXIT_OK;
  } catch (error) {
    if (!isPatchError(error)) throw error;
    if (args.has("json")) stdout.write(printableJson(failureOf(error)));
    throw new CommandFailure(told(error, isCheck), { cause: error });
  }
}

function outcomeOf({ isApplied, changes }: AppliedPatch) {
  return { applied: isApplied, changes: changes.map((change) => ({ ...change, from: change.from ?? null })) };
}

function failureOf({ code, message, path, line, remains }: PatchError) {
  return { applied: false, error: { code, message, path: path ?? null, line: line ?? null, remains } };
}

/** What was begun and undone says so itself. */
function told(error: PatchError, isCheck: boolean): string {
  const what = isCheck ? "the patch does not apply" : "the patch was not applied";
  const isTold = error.remains.length > 0 || error.message.endsWith("nothing was changed");
  return `${what}: ${reasonOf(error)}${isTold ? "" : "; nothing was changed"}`;
}
