import { join, type PathUri, parsePathUri, pathUriFromInferredNative } from "@holdfast/path-uri";
import type { Environment } from "../environment.ts";
import { InvalidArgumentError } from "../errors.ts";
import { reasonOf } from "./transfer-error.ts";

/**
 * A path on the executor: a `file:` URI, an absolute path as its system writes it, or one that
 * starts at its working folder.
 *
 * @throws InvalidArgumentError - The path is of another system, or relative where no working folder is known.
 */
export function remotePath(text: string, environment: Pick<Environment, "cwd">, what: string): PathUri {
  try {
    if (/^file:/i.test(text)) return parsePathUri(text);
    return environment.cwd === undefined ? pathUriFromInferredNative(text) : join(environment.cwd, text);
  } catch (error) {
    throw new InvalidArgumentError("remote", `${what}: ${reasonOf(error)}`, { cause: error });
  }
}
