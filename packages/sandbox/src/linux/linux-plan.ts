import {
  fileSystemPolicyOf,
  hasFullDiskWrite,
  networkPolicyOf,
  type PolicyBinding,
  type RestrictedFileSystemPolicy,
} from "@holdfast/permission-profile";
import type { SandboxIntent } from "../intent.ts";
import type { LaunchPlan } from "../launch-plan.ts";
import type { FileView, LinuxMeans, Machine } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import type { AccessTree } from "./access-tree.ts";
import { effectiveRules } from "./effective-rules.ts";
import { needsFileRights } from "./file-rights.ts";
import { hideGlobs } from "./hide-globs.ts";
import { hidePlaces } from "./hide-places.ts";
import { MountList } from "./mount-list.ts";
import { mountProc } from "./mount-proc.ts";
import { planProofs } from "./mount-proofs.ts";
import { mountRules } from "./mount-rules.ts";
import { isWithin } from "./native-path.ts";
import { bindIntent, type NativeRule, nativeRules } from "./native-rules.ts";
import { mountDevicesWithSharedMemory, mountOwnDevices, sealedDevices } from "./own-devices.ts";
import { ownPlaceRules } from "./own-places.ts";
import { plannedLimits } from "./planned-limits.ts";
import { protectGroups } from "./protect-groups.ts";
import { protectedMetadata } from "./protected-metadata.ts";
import { proxyAccess } from "./proxy-routes.ts";
import { rememberingFiles } from "./remembering-files.ts";
import { resolveLinks } from "./resolve-links.ts";
import { GROUP_FDS, type StagePlace, wrap } from "./wrapper.ts";

/** A plan, and the mounts that it is made of. */
export interface LinuxLaunch {
  readonly plan: LaunchPlan;
  readonly mounts: MountList;
}

/** A launch under bubblewrap, for a profile that narrows anything. */
export function linuxLaunch(intent: SandboxIntent, means: LinuxMeans, machine: Machine): LinuxLaunch {
  const files = rememberingFiles(machine.files);
  const { permissions } = intent.context;
  const policy = fileSystemPolicyOf(permissions);
  const binding = bindIntent(intent, machine, files);
  const proxy = intent.enforceManagedNetwork === true ? proxyAccess(intent) : undefined;
  const hasNetwork = proxy === undefined && networkPolicyOf(permissions) === "enabled";
  const isNarrowed = policy.kind === "restricted" && !hasFullDiskWrite(policy, "posix");
  const mounts = new MountList();
  const cwd = resolveLinks(intent.cwd, files).path;
  const keepsFileRights =
    isNarrowed && mountPolicy(mounts, policy, binding, { intent, means, machine, files, cwd }) === "with file rights";
  if (!isNarrowed) mountWholeDisk(mounts, machine, files, proxy !== undefined);
  const limits = plannedLimits(intent.limits, machine.limitMeans, GROUP_FDS);
  protectGroups(mounts, limits.mountPoints, files);
  const stagePlace = stagePlaceIn(mounts, means);
  // Its means needs a user namespace.
  const isLeftToWrapper = means.bubblewrap.canDisableUserNamespaces === true && !keepsFileRights;
  refuseHidden(intent.cwd, cwd, mounts);
  const { proofs, pinned } = planProofs(mounts.placements, files);
  const plan = wrap(intent, means, machine.uid, {
    view: [
      ...mounts.args,
      ...namespaces({ hasNetwork, hidesMessages: isNarrowed || proxy !== undefined, keepsFileRights }),
      ...(isLeftToWrapper ? ["--disable-userns"] : []),
    ],
    userNamespaces: isLeftToWrapper ? "leftToWrapper" : "refused",
    keepsFileRights,
    seccomp: proxy !== undefined ? "proxyOnly" : hasNetwork ? "vsockRestricted" : "restricted",
    cwd,
    env: proxy?.env ?? intent.env,
    stagePlace,
    last: isNarrowed || proxy !== undefined ? sealedDevices(means) : [],
    syntheticTargets: mounts.syntheticTargets,
    proofs,
    pinned,
    proxyRoutes: proxy?.routes ?? [],
    limits,
  });
  return { plan, mounts };
}

interface MountScene {
  readonly intent: SandboxIntent;
  readonly means: LinuxMeans;
  readonly machine: Machine;
  readonly files: FileView;
  /** Working folder of the command, without links. */
  readonly cwd: string;
}

/** @returns whether the command needs the rights of the superuser to files of other users. */
function mountPolicy(
  mounts: MountList,
  policy: RestrictedFileSystemPolicy,
  binding: PolicyBinding,
  { intent, means, machine, files, cwd }: MountScene,
): "with file rights" | "as it is" {
  const asked = nativeRules(policy, binding, files);
  const { tree } = effectiveRules(asked, files);
  const runtime = unreadable(intent.runtimeRoots ?? [], tree, files);
  const own = ownPlaceRules(machine, means.bubblewrap.path, tree, files);
  const rules = effectiveRules([...asked, ...runtime, ...own], files);
  const root = rules.tree.accessOf("/");
  if (root === "write") mounts.base("write", "--bind", "/", "/");
  else if (root === "read") mounts.base("read", "--ro-bind", "/", "/");
  else mounts.base("deny", "--tmpfs", "/");
  if (root === "write") mountDevicesWithSharedMemory(mounts);
  else mountOwnDevices(mounts, means, machine);
  // Before the rules, so that they can hide what is in it.
  mountProc(mounts, machine, files);
  mountRules(mounts, rules, protectedMetadata(rules.tree, files), files);
  mounts.seal();
  const needed = [...(intent.runtimeRoots ?? []), ...(machine.ownPlaces ?? []), means.bubblewrap.path];
  hideGlobs(mounts, policy, binding, { tree: rules.tree, needed, files });
  hidePlaces(mounts, machine, files, root === "write");
  const writable = tree.rules().flatMap(({ path, access }) => (access === "write" && path !== "/" ? [path] : []));
  const isStranger = machine.uid === 0 && needsFileRights(writable, [cwd], files);
  return isStranger && means.bubblewrap.canKeepFileRights === true ? "with file rights" : "as it is";
}

/** The whole disk may be written, devices included; a command behind a proxy has devices of its own. */
function mountWholeDisk(mounts: MountList, machine: Machine, files: FileView, isBehindProxy: boolean): void {
  mounts.base("write", isBehindProxy ? "--bind" : "--dev-bind", "/", "/");
  if (isBehindProxy) mountDevicesWithSharedMemory(mounts);
  mountProc(mounts, machine, files);
  hidePlaces(mounts, machine, files, true);
}

interface Seclusion {
  readonly hasNetwork: boolean;
  readonly hidesMessages: boolean;
  readonly keepsFileRights: boolean;
}

/** Process ids are its own in any case: only so does everything that a command started end with it, and can be counted. */
function namespaces({ hasNetwork, hidesMessages, keepsFileRights }: Seclusion): string[] {
  return [
    // Of other users' files, those of one id are all that the superuser has rights to in a namespace of its own.
    ...(keepsFileRights ? [] : ["--unshare-user"]),
    "--unshare-pid",
    ...(hidesMessages ? ["--unshare-ipc"] : []),
    ...(hasNetwork ? [] : ["--unshare-net"]),
  ];
}

function stagePlaceIn(mounts: MountList, { bubblewrap }: LinuxMeans): StagePlace {
  const hasProc = mounts.has("/proc") ? mounts.accessOf("/proc") !== "deny" : mounts.accessOf("/") !== "deny";
  if (hasProc || (bubblewrap.canMountProc && !mounts.has("/proc"))) return "proc";
  if (!mounts.has("/dev") || mounts.accessOf("/dev") !== "deny") return "dev";
  throw new SandboxError("unenforceable", "a command can not be started where both /proc and /dev are hidden from it");
}

/** What the launch itself needs and the entries do not show. */
function unreadable(roots: readonly string[], tree: AccessTree, files: FileView): NativeRule[] {
  const hidden = roots.filter((root) => {
    const { path, firstMissing } = resolveLinks(root, files);
    return firstMissing === undefined && tree.accessOf(path) === "deny";
  });
  return hidden.map((path) => ({ path, access: "read" }));
}

function refuseHidden(cwd: string, resolved: string, mounts: MountList): void {
  if (resolved === "/" || isWithin(resolved, "/proc") || isWithin(resolved, "/dev")) return;
  if (mounts.accessOf(resolved) !== "deny") return;
  throw new SandboxError("invalid", `the command can not start in ${cwd}: its permissions do not let it read there`);
}
