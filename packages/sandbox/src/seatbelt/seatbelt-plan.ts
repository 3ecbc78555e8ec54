import { isPathUriError, type PathUri, pathUriFromNative } from "@holdfast/path-uri";
import { bindContext, fileSystemPolicyOf, type PolicyBinding } from "@holdfast/permission-profile";
import type { SandboxIntent } from "../intent.ts";
import type { LaunchPlan } from "../launch-plan.ts";
import type { Machine } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import { BASE_POLICY } from "./base-policy.ts";
import { fileRules } from "./file-rules.ts";
import { hiddenRules } from "./hidden-rules.ts";
import { networkRules } from "./network-rules.ts";
import { PolicyParameters } from "./policy-text.ts";

/** The system's own. One found in `PATH` could be any program. */
const SANDBOX_EXEC = "/usr/bin/sandbox-exec";

/**
 * A launch under Seatbelt.
 *
 * @throws SandboxError `invalid` for a path of another operating system, and for one that a policy can not name.
 */
export function seatbeltPlan(intent: SandboxIntent, machine: Machine): LaunchPlan {
  const parameters = new PolicyParameters();
  const input = {
    policy: fileSystemPolicyOf(intent.context.permissions),
    binding: bind(intent, machine),
    files: machine.files,
    runtimeRoots: intent.runtimeRoots ?? [],
    ownPlaces: machine.ownPlaces ?? [],
  };
  const hidden = hiddenRules(machine.hiddenPlaces ?? [], machine.files, parameters);
  const sections = [BASE_POLICY, ...fileRules(input, parameters), networkRules(intent), hidden];
  const policy = sections.filter((section) => section !== "").join("\n");
  return {
    sandboxType: "macosSeatbelt",
    wraps: true,
    file: SANDBOX_EXEC,
    args: ["-p", policy, ...parameters.toArgs(), "--", ...commandOf(intent)],
    arg0: undefined,
    env: intent.env,
    cwd: intent.cwd,
    descriptors: [],
    syntheticTargets: [],
    pinned: [],
    maxProcesses: undefined,
    proxyRoutes: [],
  };
}

/** `sandbox-exec` gives a command its own name; a shell inside can give it another. `-p`: it reads nothing first. */
function commandOf({ argv, arg0 }: SandboxIntent): readonly string[] {
  return arg0 === undefined ? argv : ["/bin/bash", "-p", "-c", 'exec -a "$0" -- "$@"', arg0, ...argv];
}

function bind({ context, cwd }: SandboxIntent, { home, tmpdir }: Machine): PolicyBinding {
  return bindContext(context, {
    convention: "posix",
    fallbackCwd: uriOf(cwd),
    home: uriOf(home),
    tmpdir: [uriOf(tmpdir)].filter((uri) => uri !== undefined),
    slashTmp: uriOf("/tmp"),
  });
}

function uriOf(path: string | undefined): PathUri | undefined {
  if (path === undefined || !path.startsWith("/")) return undefined;
  try {
    return pathUriFromNative(path, "posix");
  } catch (error) {
    if (isPathUriError(error)) throw new SandboxError("invalid", error.message, { cause: error });
    throw error;
  }
}
