import { conventionOf, displayPath, join, type PathUri } from "@holdfast/path-uri";
import { globOf, isRelativeGlob } from "@holdfast/permission-profile";
import type { Sandbox, SandboxRules } from "./sandbox.ts";
import { isPattern, isRules, type SandboxHost, sandboxContextOf } from "./sandbox-context.ts";

/**
 * A sandbox that means the same in every call, whatever folder that call is made in: its relative paths, and the workspace, are placed
 * once for all.
 *
 * @param base - Folder that relative paths start at, and the workspace.
 * @throws InvalidArgumentError - As for a command with that sandbox.
 */
export function placedSandbox(sandbox: Sandbox, base: PathUri, environment: SandboxHost): Sandbox {
  if (typeof sandbox === "string") return sandboxContextOf(sandbox, base, environment) ?? "none";
  if (!isRules(sandbox)) return sandbox;
  // Only for what it refuses.
  sandboxContextOf(sandbox, base, environment);
  const { read, write, deny, network }: SandboxRules = sandbox;
  const placed = (paths: readonly string[]) => paths.map((path) => displayPath(join(base, path)));
  return {
    ...(read === undefined ? {} : { read: placed(read) }),
    ...(write === undefined ? {} : { write: placed(write) }),
    ...(deny === undefined ? {} : { deny: deny.flatMap((text) => placedDeny(text, base)) }),
    network,
  };
}

/** A relative pattern goes on to hold in the folder that a call is made in as well. */
function placedDeny(text: string, base: PathUri): readonly string[] {
  if (isPattern(text))
    return isRelativeGlob(text, conventionOf(base) ?? "posix") ? [`${globOf(base)}${text}`, text] : [text];
  const place = join(base, text);
  const path = displayPath(place);
  // What looks like a pattern would be read as one, and deny something else.
  return [isPattern(path) ? globOf(place).slice(0, -1) : path];
}
