import { resolve } from "node:path";
import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import { isSandboxError, type LaunchPlan, type Machine, plan, probeMachine } from "@holdfast/sandbox";
import type { Context } from "../command-line/context.ts";
import { ownPlaces } from "../own-places.ts";
import { effectivePolicy } from "./effective-policy.ts";
import type { Explanation } from "./explanation.ts";
import { type FollowedPath, followLinks } from "./follow-links.ts";
import { bindHere } from "./machine-binding.ts";
import { MountedView } from "./mounted-view.ts";
import { refusedProfile } from "./refusal.ts";
import { RuleFinder } from "./rule-finder.ts";

/** Tells what a profile grants on this machine. */
export interface Explainer {
  /** Why nothing can be confined here; `undefined` where it can. */
  readonly unavailable: string | undefined;
  explain(path: string): Explanation;
}

/** Plans alone need no bubblewrap, so that a profile can be looked at where there is none. */
const ASSUMED_BUBBLEWRAP = { path: "/usr/bin/bwrap", supportsArgv0: false, canMountProc: true };

/**
 * @param sandbox - Its policy cwd is what relative paths start at. Undefined: nothing is confined.
 * @throws CommandFailure a sandbox would refuse the profile.
 */
export async function createExplainer(
  sandbox: ParsedFileSystemSandboxContext | undefined,
  context: Context,
  cwd: string,
): Promise<Explainer> {
  const { env } = context;
  const executor = await import("@holdfast/executor");
  // As for the executor that a command would be started by.
  const machine = await probeMachine({ env, cwd: context.cwd, ownPlaces: executor.ownPlaces(ownPlaces()) });
  const unavailable = machine.means.kind === "unavailable" ? machine.means.reason : undefined;
  const find = (asked: string): Subject => {
    const absolute = resolve(cwd, asked);
    return { asked, absolute, ...followLinks(absolute, machine.files) };
  };
  if (sandbox === undefined) {
    return { unavailable: undefined, explain: (asked) => explanation(find(asked), "write", { kind: "whole-disk" }) };
  }
  const binding = await bindHere(sandbox, context);
  const view = MountedView.of(planOf(sandbox, machine, env));
  const own = [
    ...(machine.ownPlaces ?? []),
    ...(machine.means.kind === "linux" ? [machine.means.bubblewrap.path] : []),
  ];
  const finder = new RuleFinder(effectivePolicy(sandbox.permissions, binding, machine.files), binding, own);
  return { unavailable, explain: (asked) => explained(find(asked), view, finder) };
}

interface Subject extends FollowedPath {
  readonly asked: string;
  readonly absolute: string;
}

function explained(subject: Subject, view: MountedView | undefined, finder: RuleFinder): Explanation {
  if (view === undefined) {
    const { access, rule } = finder.decide(subject.path);
    return explanation(subject, access === "deny" ? "none" : access, rule);
  }
  // A link that the command can not see leads it nowhere, whatever it may touch at the other end.
  const unseen = subject.links.find((link) => view.mountOf(link).access === "none" && !view.hasLink(link));
  const decisive = unseen ?? subject.path;
  const mount = view.mountOf(decisive);
  return explanation(subject, mount.access, finder.ruleFor(mount, decisive, subject.absolute));
}

function explanation(
  { asked, absolute, path, exists }: Subject,
  access: Explanation["access"],
  rule: Explanation["rule"],
): Explanation {
  return { asked, absolute, path, exists, access, rule };
}

function planOf(context: ParsedFileSystemSandboxContext, machine: Machine, env: Context["env"]): LaunchPlan {
  const variables = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    // In `/`, because a profile that hides the working folder can be explained all the same.
    return plan({ context, argv: ["true"], cwd: "/", env: Object.fromEntries(variables) }, plannable(machine));
  } catch (error) {
    throw error instanceof Error && isSandboxError(error) ? refusedProfile(error) : error;
  }
}

function plannable(machine: Machine): Machine {
  const { means } = machine;
  if (means.kind !== "unavailable" || means.platform !== "linux") return machine;
  return { ...machine, means: { kind: "linux", bubblewrap: ASSUMED_BUBBLEWRAP, arch: "x64" } };
}
