import { fileSystemPolicyOf, hasFullDiskWrite } from "@holdfast/permission-profile";
import type { SandboxIntent } from "../intent.ts";
import type { MountList } from "../linux/mount-list.ts";
import { bindIntent } from "../linux/native-rules.ts";
import { rememberingFiles } from "../linux/remembering-files.ts";
import { followLinks, type ResolvedPath } from "../linux/resolve-links.ts";
import type { LinuxMeans, Machine } from "../machine.ts";
import { launch } from "../plan.ts";
import { SandboxError } from "../sandbox-error.ts";
import type { DecidingRule, Explanation } from "./explanation.ts";
import { RuleFinder } from "./rule-finder.ts";

/** Plans alone need no bubblewrap, so that permissions can be looked at where there is none. */
const ASSUMED_MEANS: LinuxMeans = {
  kind: "linux",
  bubblewrap: { path: "/usr/bin/bwrap", supportsArgv0: false, canMountProc: true },
  arch: "x64",
};

/**
 * What a command with this intent may do with each of some paths on a machine, and why: by the mounts that {@link plan} would make
 * for it, at the moment. Starts nothing and changes nothing. Where Linux lacks the means to confine, those of a usual bubblewrap are
 * assumed. On macOS the entries of the permissions alone decide.
 *
 * @param intent - Undefined: nothing is confined, and everything may be written.
 * @param paths - Absolute native paths, links not followed.
 * @returns an explanation for each path, in their order.
 * @throws SandboxError as {@link plan} does, and `invalid` for a path that is not absolute or has a NUL.
 */
export function explain(
  intent: SandboxIntent | undefined,
  machine: Machine,
  paths: readonly string[],
): readonly Explanation[] {
  for (const path of paths) refuseMalformed(path);
  const files = rememberingFiles(machine.files);
  const explained = intent === undefined ? wholeDisk : confined(intent, { ...planned(machine), files });
  return paths.map((asked) => {
    const followed = followLinks(asked, files);
    const { path, firstMissing } = followed;
    return { asked, path, exists: firstMissing === undefined, ...explained({ asked, ...followed }) };
  });
}

interface Subject extends ResolvedPath {
  readonly asked: string;
}

type Verdict = Pick<Explanation, "access" | "rule">;

function wholeDisk(): Verdict {
  return { access: "write", rule: { kind: "whole-disk" } };
}

function planned(machine: Machine): Machine {
  const { means } = machine;
  return means.kind === "unavailable" && means.platform === "linux" ? { ...machine, means: ASSUMED_MEANS } : machine;
}

function confined(intent: SandboxIntent, machine: Machine): (subject: Subject) => Verdict {
  const { mounts } = launch(intent, machine);
  const policy = fileSystemPolicyOf(intent.context.permissions);
  if (policy.kind !== "restricted" || hasFullDiskWrite(policy, "posix")) {
    return mounts === undefined ? wholeDisk : (subject) => byMounts(mounts, subject, () => wholeDisk().rule);
  }
  // What `minimal` means is told by the mount, which has the name that people know: `/usr`, not what its links lead to.
  const binding = { ...bindIntent(intent, machine, machine.files), platformRoots: [] };
  const finder = new RuleFinder(policy, binding, machine.files, ownPlacesOf(machine));
  if (mounts === undefined) return ({ path }) => finder.decide(path);
  return (subject) =>
    byMounts(mounts, subject, (decisive) => finder.ruleFor(mounts.mountOf(decisive), decisive, subject.asked));
}

function byMounts(mounts: MountList, { path, links }: Subject, ruleOf: (decisive: string) => DecidingRule): Verdict {
  // A link that the command can not see leads it nowhere, even if it may touch the other end.
  const unseen = links.find((link) => mounts.mountOf(link.path).access === "deny" && !mounts.hasLink(link.path));
  const decisive = unseen?.path ?? path;
  return { access: mounts.mountOf(decisive).access, rule: ruleOf(decisive) };
}

function ownPlacesOf({ means, ownPlaces = [] }: Machine): readonly string[] {
  return means.kind === "linux" ? [...ownPlaces, means.bubblewrap.path] : ownPlaces;
}

function refuseMalformed(path: string): void {
  if (!path.startsWith("/")) throw new SandboxError("invalid", `the path '${path}' is not absolute`);
  if (path.includes("\0")) throw new SandboxError("invalid", "a path must not contain a NUL");
}
