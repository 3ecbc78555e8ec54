import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import type { LaunchPlan } from "@holdfast/sandbox";

/**
 * Two requests with the same key, and the same {@link targetIdentities}, see the same files with the same rights: the same
 * intent, planned the same way, with the same folders behind the paths.
 */
export function helperKey(context: ParsedFileSystemSandboxContext, plan: LaunchPlan): string {
  const { file, args, env, cwd, sandboxType, syntheticTargets } = plan;
  const contents = plan.descriptors.map(({ fd, content }) => [fd, createHash("sha256").update(content).digest("hex")]);
  const paths = [...new Set(wordsOf(plan).filter((word) => word.startsWith("/")))];
  const targets = new Set(syntheticTargets.map(({ path }) => path));
  // Before a run there may be none.
  const identities = paths.filter((path) => !targets.has(path)).map(identityOf);
  return JSON.stringify([context, sandboxType, file, args, env, cwd, contents, syntheticTargets, identities]);
}

/** What is behind the places that a run mounts over: its masks are on these very folders, and on no others of that name. */
export function targetIdentities({ syntheticTargets }: LaunchPlan): string {
  return syntheticTargets.map(({ path }) => identityOf(path)).join();
}

/** Words of the wrapper, on its command line or in a list that it reads. */
function wordsOf({ args, descriptors }: LaunchPlan): readonly string[] {
  const lists = descriptors.map(({ content }) => Buffer.from(content).toString("utf8").split("\0"));
  return [...args, ...lists.flat()];
}

function identityOf(path: string): string {
  try {
    // A number is given to the next folder as soon as this one is removed; the time of birth is not.
    const { dev, ino, birthtimeNs } = statSync(path, { bigint: true });
    return `${dev}:${ino}:${birthtimeNs}`;
  } catch {
    return "";
  }
}
