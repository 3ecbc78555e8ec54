import { bindContext } from "@holdfast/permission-profile";
import type { SandboxIntent } from "./intent.ts";
import type { LaunchPlan, SandboxType } from "./launch-plan.ts";
import { type LinuxLaunch, linuxLaunch } from "./linux/linux-plan.ts";
import { refuseLimits } from "./linux/planned-limits.ts";
import type { Machine } from "./machine.ts";
import { narrowsNothing } from "./narrows-nothing.ts";
import { SandboxError } from "./sandbox-error.ts";
import { seatbeltPlan } from "./seatbelt/seatbelt-plan.ts";
import { windowsRefusal } from "./windows/windows-refusal.ts";

/** Variables of a confined command: each costs work before the start, and no program wants so many. */
export const MAX_VARIABLES = 20_000;

const UNENFORCEABLE = "sandbox intent cannot be enforced on this executor";

/**
 * What has to be started so that a command runs confined as intended on a machine. Looks at files through `machine.files`
 * only and changes nothing. A profile that narrows nothing gives the command itself, unwrapped.
 *
 * @throws SandboxError `invalid` for an intent that is wrong in itself, `unenforceable` where this machine can not keep it.
 */
export function plan(intent: SandboxIntent, machine: Machine): LaunchPlan {
  return launch(intent, machine).plan;
}

/** A plan, and the mounts that it is made of where bubblewrap makes them. */
export type Launch = LinuxLaunch | { readonly plan: LaunchPlan; readonly mounts?: undefined };

/** As {@link plan}, with what only an explanation needs to know. */
export function launch(intent: SandboxIntent, machine: Machine): Launch {
  const { means } = machine;
  if (means.kind === "unavailable" && means.platform === "windows") {
    throw windowsRefusal(intent, bindContext(intent.context, { convention: "windows" }));
  }
  refuseMalformed(intent);
  const sandboxType = typeOf(machine);
  if (sandboxType === undefined) throw new SandboxError("unenforceable", UNENFORCEABLE);
  if (narrowsNothing(intent.context.permissions) && intent.enforceManagedNetwork !== true)
    return { plan: unconfined(intent, sandboxType) };
  switch (means.kind) {
    case "linux":
      return linuxLaunch(intent, means, machine);
    case "macos":
      refuseLimits(intent.limits);
      return { plan: seatbeltPlan(intent, machine) };
    case "unavailable":
      throw new SandboxError("unenforceable", `${UNENFORCEABLE}: ${means.reason}`);
  }
}

function typeOf({ means }: Machine): SandboxType | undefined {
  const platform = means.kind === "unavailable" ? means.platform : means.kind;
  if (platform === "linux") return "linuxSeccomp";
  return platform === "macos" ? "macosSeatbelt" : undefined;
}

function unconfined(intent: SandboxIntent, sandboxType: SandboxType): LaunchPlan {
  const [file = "", ...args] = intent.argv;
  return {
    sandboxType,
    wraps: false,
    file,
    args,
    arg0: intent.arg0,
    env: intent.env,
    cwd: intent.cwd,
    descriptors: [],
    syntheticTargets: [],
    pinned: [],
    maxProcesses: undefined,
    proxyRoutes: [],
  };
}

function refuseMalformed({ argv, arg0, cwd, env, context }: SandboxIntent): void {
  if (argv.length === 0 || argv[0] === "") throw invalid("argv must not be empty");
  if (!cwd.startsWith("/")) throw invalid(`the working directory '${cwd}' is not absolute`);
  const names = Object.keys(env);
  if (names.length > MAX_VARIABLES)
    throw invalid(`env has ${names.length} variables, at most ${MAX_VARIABLES} are passed on`);
  const hasNul = (text = "") => text.includes("\0");
  if (argv.some(hasNul) || hasNul(arg0) || hasNul(cwd) || names.some((name) => hasNul(name) || hasNul(env[name]))) {
    throw invalid("argv, cwd and env must not contain a NUL");
  }
  if (context.windowsSandboxLevel === "mxc") throw invalid("native MXC is unavailable on this executor");
}

function invalid(message: string): SandboxError {
  return new SandboxError("invalid", message);
}
