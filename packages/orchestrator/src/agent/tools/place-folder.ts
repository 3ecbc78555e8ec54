import { join, type PathUri, parsePathUri, pathUriFromInferredNative } from "@holdfast/path-uri";
import type { StepPlace } from "../../steps/step-snapshot.ts";

/** The folder of an environment, whichever way it is written. @throws PathUriError */
export function folderOf({ cwd, executor }: Pick<StepPlace, "cwd" | "executor">): PathUri {
  if (/^file:/i.test(cwd)) return parsePathUri(cwd);
  const base = executor.environment.cwd;
  return base === undefined ? pathUriFromInferredNative(cwd) : join(base, cwd);
}
