import {
  conventionOf,
  type PathConvention,
  type PathUri,
  parsePathUri,
  pathUriFromInferredNative,
  pathUriFromNative,
} from "@holdfast/path-uri";
import { shownValue } from "@holdfast/rpc/client";
import { checkWholeCharacters, printable } from "./arguments/broken-text.ts";
import { InvalidArgumentError } from "./errors.ts";

/**
 * A place on the executor: an absolute path as its system writes it (`/repo`, `C:\repo`, `\\host\share`), or a `file:`
 * URI.
 */
export type RemotePath = string | URL;

/** What is known of how the executor writes paths; undefined for an old one that does not report it. */
export type KnownConvention = PathConvention | undefined;

const FILE_SCHEME = /^file:/i;

/** @throws InvalidArgumentError the path is relative, of the wrong system, or no `file:` URI; or no system has such a name. */
export function toPathUri(path: RemotePath, convention: KnownConvention, argument: string): PathUri {
  if (typeof path !== "string" && !(path instanceof URL)) {
    throw new InvalidArgumentError(argument, `${argument} must be a path or a file: URL, not ${shownValue(path)}`);
  }
  const text = String(path);
  checkWholeCharacters(text, argument);
  if (text.includes("\0")) {
    throw new InvalidArgumentError(
      argument,
      `${argument} has a NUL character, which no path can have: ${printable(text)}`,
    );
  }
  try {
    if (path instanceof URL || FILE_SCHEME.test(text)) return parsePathUri(text);
    return convention === undefined ? pathUriFromInferredNative(text) : pathUriFromNative(text, convention);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidArgumentError(argument, `${argument}: ${reason}`, { cause });
  }
}

/** How the executor writes paths, from what it says about itself. */
export function conventionOfEnvironment(facts: {
  readonly platformOs: string | undefined;
  readonly cwd: PathUri | undefined;
  readonly shellPath: string;
}): KnownConvention {
  if (facts.platformOs !== undefined) return facts.platformOs === "windows" ? "windows" : "posix";
  if (facts.cwd !== undefined) return conventionOf(facts.cwd);
  if (facts.shellPath.startsWith("/")) return "posix";
  return /^[A-Za-z]:[\\/]/.test(facts.shellPath) ? "windows" : undefined;
}
