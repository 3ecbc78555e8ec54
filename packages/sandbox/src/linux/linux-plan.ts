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
import { hideGlobs } from "./hide-globs.ts";
import { hidePlaces } from "./hide-places.ts";
import { MountList } from "./mount-list.ts";
import { mountProc } from "./mount-proc.ts";
import { mountRules } from "./mount-rules.ts";
import { isWithin, parentOf } from "./native-path.ts";
import { bindIntent, chosenRoots, type NativeRule, nativeRules } from "./native-rules.ts";
import { protectedMetadata } from "./protected-metadata.ts";
import { proxyAccess } from "./proxy-routes.ts";
import { rememberingFiles } from "./remembering-files.ts";
import { resolveLinks } from "./resolve-links.ts";
import { type StagePlace, wrap } from "./wrapper.ts";

/** A launch under bubblewrap, for a profile that narrows anything. */
export function linuxPlan(intent: SandboxIntent, means: LinuxMeans, machine: Machine): LaunchPlan {
  const files = rememberingFiles(machine.files);
  const { permissions } = intent.context;
  const policy = fileSystemPolicyOf(permissions);
  const binding = bindIntent(intent, machine, files);
  const proxy = intent.enforceManagedNetwork === true ? proxyAccess(intent) : undefined;
  const hasNetwork = proxy === undefined && networkPolicyOf(permissions) === "enabled";
  const isNarrowed = policy.kind === "restricted" && !hasFullDiskWrite(policy, "posix");
  const mounts = new MountList();
  if (isNarrowed) mountPolicy(mounts, policy, binding, { intent, means, machine, files });
  else mountWholeDisk(mounts, machine, files, proxy !== undefined);
  const stagePlace = stagePlaceIn(mounts, means);
  const keepsUserNamespaces = means.bubblewrap.canDisableUserNamespaces === true;
  const cwd = resolveLinks(intent.cwd, files).path;
  refuseHidden(intent.cwd, cwd, mounts);
  return wrap(intent, means, machine.uid, {
    view: [
      ...mounts.args,
      ...namespaces(hasNetwork, isNarrowed || proxy !== undefined),
      ...(keepsUserNamespaces ? ["--disable-userns"] : []),
    ],
    userNamespaces: keepsUserNamespaces ? "leftToWrapper" : "refused",
    seccomp: proxy !== undefined ? "proxyOnly" : hasNetwork ? "vsockRestricted" : "restricted",
    cwd,
    env: proxy?.env ?? intent.env,
    stagePlace,
    syntheticTargets: mounts.syntheticTargets,
    proxyRoutes: proxy?.routes ?? [],
  });
}

interface MountScene {
  readonly intent: SandboxIntent;
  readonly means: LinuxMeans;
  readonly machine: Machine;
  readonly files: FileView;
}

function mountPolicy(
  mounts: MountList,
  policy: RestrictedFileSystemPolicy,
  binding: PolicyBinding,
  { intent, means, machine, files }: MountScene,
): void {
  const chosen = chosenRoots(binding);
  const asked = nativeRules(policy, binding, files);
  const runtime = unreadable(intent.runtimeRoots ?? [], effectiveRules(asked, chosen, files).tree, files);
  const rules = effectiveRules([...asked, ...runtime], chosen, files);
  refuseReplaceableWrapper(means.bubblewrap.path, rules.tree, machine);
  const root = rules.tree.accessOf("/");
  if (root === "write") mounts.base("write", "--bind", "/", "/", "--dev", "/dev", "--bind-try", "/dev/shm", "/dev/shm");
  else if (root === "read") mounts.base("read", "--ro-bind", "/", "/", "--dev", "/dev");
  else mounts.base("deny", "--tmpfs", "/", "--dev", "/dev");
  // Before the rules, so that they can hide what is in it.
  mountProc(mounts, machine, files);
  mountRules(mounts, rules, protectedMetadata(rules.tree, files), files);
  mounts.seal();
  hideGlobs(mounts, policy, binding, files);
  hidePlaces(mounts, machine, files, root === "write");
}

/** The whole disk may be written, devices included; a command behind a proxy has devices of its own. */
function mountWholeDisk(mounts: MountList, machine: Machine, files: FileView, isBehindProxy: boolean): void {
  if (isBehindProxy) mounts.base("write", "--bind", "/", "/", "--dev", "/dev", "--bind-try", "/dev/shm", "/dev/shm");
  else mounts.base("write", "--dev-bind", "/", "/");
  mountProc(mounts, machine, files);
  hidePlaces(mounts, machine, files, true);
}

/** Process ids are its own in any case: only so does everything that a command started end with it, and can be counted. */
function namespaces(hasNetwork: boolean, hidesMessages: boolean): string[] {
  return [
    "--unshare-user",
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

/** A command that can change the wrapper would decide how the next one is confined. Root without a sandbox could anyway. */
function refuseReplaceableWrapper(path: string, tree: AccessTree, { files, uid }: Machine): void {
  if (uid === 0 || tree.accessOf(path) !== "write" || !files.canCreateIn(parentOf(path))) return;
  throw new SandboxError("unenforceable", `commands with these permissions could replace ${path}, which confines them`);
}

function refuseHidden(cwd: string, resolved: string, mounts: MountList): void {
  if (resolved === "/" || isWithin(resolved, "/proc") || isWithin(resolved, "/dev")) return;
  if (mounts.accessOf(resolved) !== "deny") return;
  throw new SandboxError("invalid", `the command can not start in ${cwd}: its permissions do not let it read there`);
}
