import { randomUUID } from "node:crypto";
import type { Environment } from "@holdfast/exec-client";
import { conventionOf, join, type PathUri, pathUriFromNative } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";

/** Where POSIX systems have temporary files, for executors too old to tell. */
const POSIX_FALLBACK = "/tmp";

/**
 * A new name in the executor's folder for temporary files.
 *
 * @throws CommandFailure the executor is no POSIX system: what is put there would be read by `sh`.
 */
export function temporaryPath(environment: Environment, purpose: string): PathUri {
  const folder = environment.tempDir ?? pathUriFromNative(POSIX_FALLBACK, "posix");
  if (environment.pathConvention === "windows" || conventionOf(folder) !== "posix") {
    throw new CommandFailure(`${purpose} needs sh, which this executor's system does not have; use --stdin=none`);
  }
  return join(folder, `holdfast-${purpose}-${randomUUID()}`);
}
