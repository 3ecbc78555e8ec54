import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import type { LaunchPlan } from "@holdfast/sandbox";

/**
 * Two requests with the same key see the same files with the same rights: the same intent, planned the same way, with the
 * same folders behind the paths. What is mounted keeps its inode, so none of a live helper's can stand for another folder.
 */
export function helperKey(context: ParsedFileSystemSandboxContext, plan: LaunchPlan): string {
  const { file, args, env, cwd, sandboxType, syntheticTargets } = plan;
  const contents = plan.descriptors.map(({ fd, content }) => [fd, createHash("sha256").update(content).digest("hex")]);
  const paths = [...new Set(wordsOf(plan).filter((word) => word.startsWith("/")))];
  const targets = new Set(syntheticTargets.map(({ path }) => path));
  // What a run makes itself comes and goes with it.
  const identities = paths.filter((path) => !targets.has(path)).map(identityOf);
  return JSON.stringify([context, sandboxType, file, args, env, cwd, contents, syntheticTargets, identities]);
}

/** Words of the wrapper, on its command line or in a list that it reads. */
function wordsOf({ args, descriptors }: LaunchPlan): readonly string[] {
  const lists = descriptors.map(({ content }) => Buffer.from(content).toString("utf8").split("\0"));
  return [...args, ...lists.flat()];
}

function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return "";
  }
}
