import { isPathUriError, type PathUri, toNativePath } from "@holdfast/path-uri";
import {
  deniedRoots,
  denyGlobs,
  type FileSystemPolicy,
  hasFullDiskRead,
  hasFullDiskWrite,
  includesPlatformDefaults,
  isPermissionProfileError,
  type PolicyBinding,
  readableRoots,
  type WritableRoot,
  writableRoots,
} from "@holdfast/permission-profile";
import type { FileView } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import { PLATFORM_DEFAULTS } from "./base-policy.ts";
import { globRules } from "./glob-rules.ts";
import { type PolicyParameters, quoted, regex, rule } from "./policy-text.ts";
import { gitdirOf, realPathOf } from "./real-path.ts";

/** What file rules are made from. */
export interface FileRuleInput {
  readonly policy: FileSystemPolicy;
  readonly binding: PolicyBinding;
  readonly files: FileView;
  /** Absolute native paths that are readable besides. */
  readonly runtimeRoots: readonly string[];
  /** Absolute native paths that nothing may write to. */
  readonly ownPlaces: readonly string[];
}

/** The sections for reading, writing, patterns and the platform, in the order in which they have to stand. */
export function fileRules(input: FileRuleInput, parameters: PolicyParameters): readonly string[] {
  const { policy, binding, files } = input;
  const real = (uri: PathUri) => realPathOf(nativeOf(uri), files);
  return [
    hasFullDiskRead(policy) ? "(allow file-read* file-test-existence)" : readRules(input, real, parameters),
    hasFullDiskWrite(policy, binding.convention) ? "(allow file-write*)" : writeRules(input, real, parameters),
    includesPlatformDefaults(policy) ? PLATFORM_DEFAULTS : "",
    globRules(globsOf(policy, binding), (path) => realPathOf(path, files)),
    // Last, so that nothing takes it back.
    ownRules(input, parameters),
  ];
}

type RealPath = (uri: PathUri) => string;

function readRules(
  { policy, binding, files, runtimeRoots }: FileRuleInput,
  real: RealPath,
  parameters: PolicyParameters,
) {
  const denied = deniedRoots(policy, binding).map(real);
  const roots = [...readableRoots(policy, binding).map(real), ...runtimeRoots.map((path) => realPathOf(path, files))];
  const filters = [...new Set(roots)].map((root, index) => {
    const inside = denied.filter((path) => path !== root && isBelow(path, root));
    return area(root, `READABLE_ROOT_${index}`, inside, parameters);
  });
  const folders = [...new Set(roots.flatMap(ancestorsOf))].sort();
  const ways = folders.map((path, index) => `(literal ${parameters.set(`READABLE_ANCESTOR_${index}`, path)})`);
  return [
    rule("allow", "file-read-metadata file-test-existence", ways),
    rule("allow", "file-read* file-test-existence file-map-executable", filters),
  ].join("\n");
}

function writeRules({ policy, binding, files }: FileRuleInput, real: RealPath, parameters: PolicyParameters): string {
  const pinned = new Set<string>();
  const filters = writableRoots(policy, binding).map((writable, index) => {
    const root = real(writable.root);
    const closed = closedPaths(writable, root, real, files);
    for (const path of closed) for (const folder of between(root, path)) pinned.add(folder);
    const names = writable.protectedMetadataNames.map((name) => protectedName(root, name));
    return area(root, `WRITABLE_ROOT_${index}`, closed, parameters, names);
  });
  // A folder that could be renamed would take what is closed in it to a place where it is open.
  const pins = [...pinned].sort().map((path, index) => `(literal ${parameters.set(`PINNED_${index}`, path)})`);
  return [rule("allow", "file-write*", filters), rule("deny", "file-write-unlink", pins)].filter(Boolean).join("\n");
}

/** What confines must stay as it is, and where it is. */
function ownRules({ ownPlaces, files }: FileRuleInput, parameters: PolicyParameters): string {
  const places = [...new Set(ownPlaces.map((path) => realPathOf(path, files)))].sort();
  const closed = places.map((path, index) => `(subpath ${parameters.set(`OWN_${index}`, path)})`);
  const ways = [...new Set(places.flatMap(ancestorsOf))].sort();
  const pins = ways.map((path, index) => `(literal ${parameters.set(`OWN_ANCESTOR_${index}`, path)})`);
  return [rule("deny", "file-write*", closed), rule("deny", "file-write-unlink", pins)].filter(Boolean).join("\n");
}

function closedPaths(writable: WritableRoot, root: string, real: RealPath, files: FileView): readonly string[] {
  const closed = writable.readOnlySubpaths.flatMap((uri) => [real(uri), nativeOf(uri)]);
  const gitdir = writable.protectedMetadataNames.includes(".git") ? gitdirOf(root, files) : undefined;
  if (gitdir !== undefined) closed.push(gitdir);
  return [...new Set(closed)].filter((path) => path !== root && isBelow(path, root)).sort();
}

/** The file system takes `.GIT` for `.git`, so every case of the name is meant. */
function protectedName(root: string, name: string): string {
  const anyCase = name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`).replace(/^\./, "\\.");
  return regex(`^${quoted(root === "/" ? "" : root)}/${anyCase}(/.*)?$`);
}

function area(
  root: string,
  key: string,
  excluded: readonly string[],
  parameters: PolicyParameters,
  excludedFilters: readonly string[] = [],
): string {
  const all = `(subpath ${parameters.set(key, root)})`;
  const exceptions = excluded.flatMap((path, index) => {
    const parameter = parameters.set(`${key}_EXCLUDED_${index}`, path);
    return [`(require-not (literal ${parameter}))`, `(require-not (subpath ${parameter}))`];
  });
  exceptions.push(...excludedFilters.map((filter) => `(require-not ${filter})`));
  return exceptions.length === 0 ? all : `(require-all ${[all, ...exceptions].join("\n    ")})`;
}

function globsOf(policy: FileSystemPolicy, binding: PolicyBinding) {
  try {
    return denyGlobs(policy, binding);
  } catch (error) {
    throw isPermissionProfileError(error) ? new SandboxError("invalid", error.message, { cause: error }) : error;
  }
}

function nativeOf(uri: PathUri): string {
  try {
    return toNativePath(uri, "macos");
  } catch (error) {
    if (!isPathUriError(error)) throw error;
    throw new SandboxError("invalid", `invalid sandbox permission path: ${error.message}`, { cause: error });
  }
}

function isBelow(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

function ancestorsOf(path: string): string[] {
  const names = path.split("/").slice(1, -1);
  return ["/", ...names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`)];
}

/** The folders on the way from a root to a path in it, both ends left out. */
function between(root: string, path: string): string[] {
  return ancestorsOf(path).filter((folder) => folder !== root && isBelow(folder, root));
}
