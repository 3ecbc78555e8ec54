import { type Executor, InvalidArgumentError } from "@holdfast/exec-client";
import { join, type PathUri } from "@holdfast/path-uri";

/** The folder of a session. @throws InvalidArgumentError - It is not known, or `cwd` is no absolute path there. */
export function baseFolder({ environment }: Executor, cwd: string | undefined): PathUri {
  if (environment.cwd === undefined) {
    throw new InvalidArgumentError("cwd", "this executor does not tell its working folder; use one of 0.144 or later");
  }
  if (cwd === undefined) return environment.cwd;
  const isAbsolute = environment.pathConvention === "windows" ? /^(?:[A-Za-z]:[\\/]|\\\\)/ : /^\//;
  if (!isAbsolute.test(cwd)) throw new InvalidArgumentError("cwd", `cwd must be absolute, not ${JSON.stringify(cwd)}`);
  return join(environment.cwd, cwd);
}
