import { conventionOf, type PathConvention, type PathUri } from "@holdfast/path-uri";
import { isRelativeGlob } from "../glob/glob-start.ts";
import type { ParsedFileSystemSandboxEntry, ParsedPermissionProfile } from "../parse/parsed-types.ts";
import { leavesRootSomewhere } from "../paths/path-names.ts";
import { entryTarget } from "./entry-target.ts";
import { type FileSystemPolicy, fileSystemPolicyOf, networkPolicyOf } from "./file-system-policy.ts";

/** May everything be read? Any deny entry, and anything that can resolve to one, says no. */
export function hasFullDiskRead(policy: FileSystemPolicy): boolean {
  if (policy.kind !== "restricted") return true;
  return policy.entries.some(isRootGrant) && !policy.entries.some(canDeny);
}

/** May everything be written? Only where `root` is writable and no entry narrows it. */
export function hasFullDiskWrite(policy: FileSystemPolicy, convention: PathConvention): boolean {
  if (policy.kind !== "restricted") return true;
  const writes = policy.entries.filter(({ access }) => access === "write");
  if (!writes.some(isRootGrant)) return false;
  const written = new Set(writes.map(({ path }) => entryTarget(path)));
  return !policy.entries.some((entry) => narrows(entry, written, convention));
}

/** Are the platform's runtime files readable by an entry of their own? Not asked where everything is readable. */
export function includesPlatformDefaults(policy: FileSystemPolicy): boolean {
  if (policy.kind !== "restricted" || hasFullDiskRead(policy)) return false;
  const denies = policy.entries.some((entry) => specialKind(entry) === "minimal" && entry.access === "deny");
  return !denies && policy.entries.some((entry) => specialKind(entry) === "minimal");
}

/** Does the meaning hang on the policy's directory? A request with such a policy has to name one. */
export function isCwdDependent(policy: FileSystemPolicy, convention: PathConvention): boolean {
  if (policy.kind !== "restricted") return false;
  return policy.entries.some(({ path }) => {
    if (path.type === "special") return path.value.kind === "project_roots";
    return path.type === "glob_pattern" && isRelativeGlob(path.pattern, convention);
  });
}

/** What else asks for confinement. */
export interface PlatformSandboxOptions {
  /** The path convention of the enforcing machine. */
  readonly convention: PathConvention;
  /** The network must go through a proxy or not at all. Default false. */
  readonly enforceManagedNetwork?: boolean | undefined;
}

/** Does a command with this profile need the platform's sandbox? */
export function needsPlatformSandbox(profile: ParsedPermissionProfile, options: PlatformSandboxOptions): boolean {
  if (options.enforceManagedNetwork === true) return true;
  const policy = fileSystemPolicyOf(profile);
  if (networkPolicyOf(profile) === "restricted") return policy.kind !== "external";
  return policy.kind === "restricted" && !hasFullDiskWrite(policy, options.convention);
}

function narrows(
  entry: ParsedFileSystemSandboxEntry,
  written: ReadonlySet<string>,
  convention: PathConvention,
): boolean {
  const { path, access } = entry;
  if (path.type === "glob_pattern") return true;
  if (access === "write") return false;
  const kind = specialKind(entry);
  if (kind === "minimal" || kind === "unknown" || (kind === "slash_tmp" && convention === "windows")) return false;
  if (canDeny(entry)) return true;
  return kind !== "root" && !written.has(entryTarget(path));
}

function isRootGrant(entry: ParsedFileSystemSandboxEntry): boolean {
  return specialKind(entry) === "root" && entry.access !== "deny";
}

function canDeny(entry: ParsedFileSystemSandboxEntry): boolean {
  if (entry.access !== "read" || entry.path.type !== "special") return entry.access === "deny";
  const { value } = entry.path;
  return value.kind === "project_roots" && leavesRootSomewhere(value.subpath ?? "");
}

function specialKind({ path }: ParsedFileSystemSandboxEntry): string | undefined {
  return path.type === "special" ? path.value.kind : undefined;
}

/** A literal entry that names no path of the enforcing machine. */
export interface ForeignPath {
  readonly path: PathUri;
  /** Position of the entry in the policy. */
  readonly index: number;
}

/** The literal entries whose path is of another convention. They decide nothing here; a launch under them has to be refused. */
export function foreignPaths(policy: FileSystemPolicy, convention: PathConvention): readonly ForeignPath[] {
  if (policy.kind !== "restricted") return [];
  return policy.entries.flatMap(({ path }, index) =>
    path.type === "path" && conventionOf(path.path) !== convention ? [{ path: path.path, index }] : [],
  );
}
