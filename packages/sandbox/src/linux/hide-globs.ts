import { pathUriFromNative, toNativePath } from "@holdfast/path-uri";
import {
  type DenyGlob,
  denyGlobs,
  isPermissionProfileError,
  type PolicyBinding,
  type RestrictedFileSystemPolicy,
} from "@holdfast/permission-profile";
import type { FileView } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import type { AccessTree } from "./access-tree.ts";
import { isChangeable } from "./changeable.ts";
import { MAX_GLOB_MATCHES, MAX_GLOB_VISITS } from "./limits.ts";
import type { MountList } from "./mount-list.ts";
import { hide } from "./mount-rules.ts";
import { byDepth, childOf, isWithin } from "./native-path.ts";
import { PLATFORM_ROOTS } from "./native-rules.ts";
import { resolveLinks } from "./resolve-links.ts";

const READABLE_FOR_ALL = 0o4;

/** What is left to look at for all patterns of one policy. */
interface ScanBudget {
  visits: number;
  readonly maxDepth: number;
}

/** What commands could have changed, what they can't do without, and the files as they are. */
export interface GlobScene {
  readonly tree: AccessTree;
  /** Files and folders that have to be seen so that a command, or what starts it, runs at all. */
  readonly needed: readonly string[];
  readonly files: FileView;
}

/**
 * Hide what the deny patterns match now; files that come later are not covered. A folder that matches is hidden with all that
 * is in it, a link to a file by its target: no mount can cover the link itself.
 *
 * @throws SandboxError `invalid` for a pattern that can not be expanded, and where there is too much to look at or to hide.
 */
export function hideGlobs(
  mounts: MountList,
  policy: RestrictedFileSystemPolicy,
  binding: PolicyBinding,
  scene: GlobScene,
): void {
  const budget = { visits: 0, maxDepth: policy.globScanMaxDepth ?? Number.POSITIVE_INFINITY };
  const matches = new Set<string>();
  for (const glob of globsOf(policy, binding)) expand(glob, matches, budget, scene);
  for (const { path } of [...matches].map((each) => ({ path: each })).sort(byDepth)) {
    if (mounts.accessOf(path) !== "deny") hide(mounts, path, false, scene.files);
  }
}

function globsOf(policy: RestrictedFileSystemPolicy, binding: PolicyBinding): readonly DenyGlob[] {
  for (const { path, access } of policy.entries) {
    if (path.type === "glob_pattern" && access === "deny" && path.pattern.includes("{")) throw unsafe(path.pattern);
  }
  let globs: readonly DenyGlob[];
  try {
    globs = denyGlobs(policy, binding);
  } catch (error) {
    throw isPermissionProfileError(error) ? new SandboxError("invalid", error.message, { cause: error }) : error;
  }
  const unbounded = globs.find((glob) => toNativePath(glob.base, "linux") === "/");
  if (unbounded !== undefined) throw unsafe(unbounded.pattern);
  return globs;
}

function unsafe(pattern: string): SandboxError {
  const text = `unreadable glob \`${pattern}\` cannot be safely expanded; use a pattern with a non-root directory prefix`;
  return new SandboxError("invalid", text);
}

function expand(glob: DenyGlob, matches: Set<string>, budget: ScanBudget, scene: GlobScene): void {
  const { files } = scene;
  const base = toNativePath(glob.base, "linux");
  const start = resolveLinks(base, files);
  if (start.firstMissing !== undefined) return;
  if (glob.matches(glob.base)) {
    addMatch(start.path, glob, matches, scene);
    return;
  }
  const ending = literalEnding(glob.pattern);
  const pending = [{ written: base, real: start.path, depth: 1 }];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const { name, kind } of files.list(folder.real)) {
      budget.visits += 1;
      if (budget.visits > MAX_GLOB_VISITS) throw tooMuch(glob, `more than ${MAX_GLOB_VISITS} files to look at`);
      const written = childOf(folder.written, name);
      const real = childOf(folder.real, name);
      const isMatch = name.endsWith(ending) && glob.matches(pathUriFromNative(written, "posix"));
      if (isMatch || kind === "directory") refuseUnnameable(real, glob, files);
      if (isMatch) addMatch(real, glob, matches, scene);
      else if (kind === "directory" && folder.depth < budget.maxDepth) {
        pending.push({ written, real, depth: folder.depth + 1 });
      }
    }
  }
}

/** What every name that the pattern matches ends with: most names are passed over by that alone. */
function literalEnding(pattern: string): string {
  const last = pattern.slice(pattern.lastIndexOf("/") + 1);
  return /[[\]\\]/.test(last) ? "" : last.slice(Math.max(last.lastIndexOf("*"), last.lastIndexOf("?")) + 1);
}

function addMatch(path: string, glob: DenyGlob, matches: Set<string>, scene: GlobScene): void {
  const { files } = scene;
  const target = resolveLinks(path, files);
  if (target.firstMissing !== undefined) return;
  if (target.links.some((link) => isChangeable(link.path, scene.tree, files)) && isNeeded(target.path, scene)) return;
  // The pattern names the link. Hiding a whole folder that it leads to would let any command close one for the next.
  if (target.path !== path && files.kindOf(target.path) === "directory") return;
  matches.add(target.path);
  if (matches.size > MAX_GLOB_MATCHES) throw tooMuch(glob, `more than ${MAX_GLOB_MATCHES} matches`);
}

/**
 * Would hiding it break every later start? A link by which a command hides the loader from all commands after it holds
 * no secret: what every user of the machine may read in the folders of the system is none.
 */
function isNeeded(path: string, { tree, needed, files }: GlobScene): boolean {
  if (tree.accessOf(path) === "write") return false;
  const isForAll = ((files.factsOf(path)?.mode ?? 0) & READABLE_FOR_ALL) !== 0;
  return [...needed, ...(isForAll ? PLATFORM_ROOTS : [])].some((root) => isWithin(path, root));
}

/** Text stands for a name that is not UTF-8, but leads nowhere: what is there could not be hidden. */
function refuseUnnameable(path: string, glob: DenyGlob, files: FileView): void {
  if (!path.includes("\uFFFD") || files.kindOf(path) !== undefined) return;
  throw new SandboxError("invalid", `unreadable glob \`${glob.pattern}\` cannot be expanded: ${path} is not UTF-8`);
}

function tooMuch(glob: DenyGlob, why: string): SandboxError {
  return new SandboxError("invalid", `unreadable glob \`${glob.pattern}\` cannot be expanded: ${why}`);
}
