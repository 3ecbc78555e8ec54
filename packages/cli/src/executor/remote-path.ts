import type { Environment } from "@holdfast/exec-client";
import { join, type PathUri, parsePathUri, pathUriFromInferredNative } from "@holdfast/path-uri";
import { reasonOf, UsageError } from "../command-line/failure.ts";

/**
 * A path that the user wrote, on the executor: a `file:` URI, an absolute path as its system writes it, or one that
 * starts at its working folder.
 *
 * @throws UsageError the path is of another system, or relative where no working folder is known.
 */
export function remotePath(text: string, environment: Pick<Environment, "cwd">, what: string): PathUri {
  try {
    if (/^file:/i.test(text)) return parsePathUri(text);
    return environment.cwd === undefined ? pathUriFromInferredNative(text) : join(environment.cwd, text);
  } catch (error) {
    throw new UsageError(`${what}: ${reasonOf(error)}`, { cause: error });
  }
}
