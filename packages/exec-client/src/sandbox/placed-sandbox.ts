import { displayPath, join, type PathUri } from "@holdfast/path-uri";
import type { Sandbox, SandboxRules } from "./sandbox.ts";
import { type SandboxHost, sandboxContextOf } from "./sandbox-context.ts";

/**
 * A sandbox that means the same in every call, whatever folder that call is made in: its relative paths, and the workspace, are placed
 * once for all.
 *
 * @param base - Folder that relative paths start at, and the workspace.
 * @throws InvalidArgumentError - As for a command with that sandbox.
 */
export function placedSandbox(sandbox: Sandbox, base: PathUri, environment: SandboxHost): Sandbox {
  if (typeof sandbox === "string") return sandboxContextOf(sandbox, base, environment) ?? "none";
  if ("permissions" in sandbox) return sandbox;
  // Only for what it refuses.
  sandboxContextOf(sandbox, base, environment);
  const { read, write, deny, network } = sandbox satisfies SandboxRules;
  const placed = (paths: readonly string[]) => paths.map((path) => displayPath(join(base, path)));
  return {
    ...(read === undefined ? {} : { read: placed(read) }),
    ...(write === undefined ? {} : { write: placed(write) }),
    // Patterns start at the folder that the call is made in, and match below any with `**/`.
    ...(deny === undefined
      ? {}
      : { deny: deny.map((path) => (/[*?[]|^~/.test(path) ? path : (placed([path])[0] ?? path))) }),
    network,
  };
}
