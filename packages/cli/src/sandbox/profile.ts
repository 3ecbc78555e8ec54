import { basename } from "node:path";
import { pathUriFromNative } from "@holdfast/path-uri";
import {
  applyAdditionalPermissions,
  type FileSystemPolicy,
  fileSystemPolicyOf,
  type ParsedFileSystemSandboxEntry,
  type ParsedPermissionProfile,
  PROTECTED_METADATA_NAMES,
  readOnlyProfile,
  workspaceWriteProfile,
} from "@holdfast/permission-profile";
import type { Arguments } from "../command-line/arguments.ts";
import { UsageError } from "../command-line/failure.ts";
import { existingFolder, localPath } from "./local-path.ts";
import { readProfile } from "./profile-file.ts";

export type Profile = ParsedPermissionProfile;

/** What the relative paths of the options start at. */
export interface ProfilePlaces {
  readonly cwd: string;
  readonly roots: readonly string[];
  /** Folder that this program was started in. */
  readonly shellCwd: string;
}

interface Extras {
  readonly writable: readonly string[];
  readonly deny: readonly string[];
  readonly network: boolean;
}

const DEFAULT_PROFILE = "workspace-write";
const UNCONFINED = "none";

/**
 * The profile that the options name, with what they add to it; `undefined` for none.
 *
 * @throws UsageError there is no such profile, or the options contradict it or each other.
 */
export async function chosenProfile(args: Arguments, places: ProfilePlaces): Promise<Profile | undefined> {
  const name = args.text("profile") ?? DEFAULT_PROFILE;
  const extras = await extrasOf(args, places);
  if (name === UNCONFINED) {
    refuseNarrowing(args, "--profile none, which confines nothing");
    return undefined;
  }
  if (name === "read-only") {
    refuse(args, ["root", "writable"], "--profile read-only: use workspace-write");
    return withExtras(readOnlyProfile(), extras);
  }
  if (name === DEFAULT_PROFILE) {
    const writableRoots = extras.writable.map((path) => pathUriFromNative(path, "posix"));
    return withExtras(workspaceWriteProfile({ writableRoots }), { ...extras, writable: [] });
  }
  const profile = await readProfile(name, places.shellCwd);
  if (profile.type === "disabled") refuseNarrowing(args, `--profile ${name}, which confines nothing`);
  if (fileSystemPolicyOf(profile).kind !== "restricted") {
    refuse(args, ["root", "writable", "deny"], `--profile ${name}, which does not restrict files`);
  }
  return withExtras(profile, extras);
}

async function extrasOf(args: Arguments, { cwd, roots }: ProfilePlaces): Promise<Extras> {
  const writable = await Promise.all(
    args.texts("writable").map((text) => existingFolder("--writable", localPath("--writable", text, cwd))),
  );
  const deny = args.texts("deny").map((text) => (isPattern(text) ? text : localPath("--deny", text, cwd)));
  for (const path of deny) {
    if (writable.includes(path)) throw new UsageError(`--deny ${path} contradicts --writable ${path}`);
    if (roots.includes(path)) throw new UsageError(`--deny ${path} would close the workspace root ${path} itself`);
  }
  return { writable, deny, network: args.has("network") };
}

function refuseNarrowing(args: Arguments, what: string): void {
  refuse(args, ["root", "writable", "deny", "network"], what);
}

function refuse(args: Arguments, names: readonly string[], what: string): void {
  const given = names.find((name) => args.has(name) || args.texts(name).length > 0);
  if (given !== undefined) throw new UsageError(`--${given} does not go with ${what}`);
}

function withExtras(profile: Profile, { writable, deny, network }: Extras): Profile {
  const entries = [...writable.flatMap((path) => writableEntries(path, profile)), ...deny.map(denyEntry)];
  const fileSystem = entries.length === 0 ? undefined : { entries };
  return applyAdditionalPermissions(profile, { isNetworkEnabled: network, fileSystem });
}

function writableEntries(path: string, profile: Profile): ParsedFileSystemSandboxEntry[] {
  const taken = literalPaths(fileSystemPolicyOf(profile));
  const names = PROTECTED_METADATA_NAMES.some((name) => name === basename(path)) ? [] : PROTECTED_METADATA_NAMES;
  const kept = names.map((name) => pathUriFromNative(`${path === "/" ? "" : path}/${name}`, "posix"));
  return [
    { path: { type: "path", path: pathUriFromNative(path, "posix") }, access: "write" },
    ...kept
      .filter((uri) => !taken.has(uri))
      .map((uri): ParsedFileSystemSandboxEntry => {
        return { path: { type: "path", path: uri }, access: "read", missing_path_behavior: "skip" };
      }),
  ];
}

function literalPaths(policy: FileSystemPolicy): ReadonlySet<string> {
  const entries = policy.kind === "restricted" ? policy.entries : [];
  return new Set(entries.flatMap(({ path }) => (path.type === "path" ? [path.path] : [])));
}

function denyEntry(text: string): ParsedFileSystemSandboxEntry {
  if (isPattern(text)) return { path: { type: "glob_pattern", pattern: text }, access: "deny" };
  return { path: { type: "path", path: pathUriFromNative(text, "posix") }, access: "deny" };
}

/** The home folder is a matter of patterns, too. */
function isPattern(text: string): boolean {
  return /[*?[]|^~(?:\/|$)/.test(text);
}
