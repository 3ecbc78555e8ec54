import { pathUriFromNative } from "@holdfast/path-uri";
import {
  compatibleSandboxPolicy,
  fileSystemPolicyOf,
  networkPolicyOf,
  parseStoredPermissionProfile,
  profileOf,
  type SandboxPolicy,
} from "@holdfast/permission-profile";
import type { TomlTable } from "../config/toml-document.ts";
import { type NamedProfile, namedProfile, type ProfilePlace } from "./named-profile.ts";

/**
 * A permission profile that a thread goes by, because a policy can not say all of it: one of the configuration, as it was when it was chosen, or one as a file of a
 * thread has it. What it means is worked out for each environment.
 */
export type ThreadProfile =
  | {
      readonly kind: "configured";
      readonly id: string;
      readonly permissions: TomlTable;
      /** Of the user on this machine: what `~` is in files. */
      readonly home: ProfilePlace["userHomeDir"];
    }
  | { readonly kind: "stored"; readonly record: Readonly<Record<string, unknown>> };

/**
 * What the profile means in an environment.
 *
 * @throws ProfileError, TomlShapeError, PermissionProfileError - It means nothing there.
 */
export function profileAt(profile: ThreadProfile, place: ProfilePlace): NamedProfile {
  if (profile.kind === "configured") return namedProfile(profile.id, { permissions: profile.permissions }, place);
  const convention = place.pathConvention ?? "posix";
  return { permissions: parseStoredPermissionProfile(profile.record, { convention }), workspaceRoots: [] };
}

/** The folder of a thread, and where that is. */
export interface ProfileFolder extends ProfilePlace {
  /** Native and absolute. */
  readonly cwd: string;
}

/** The policy nearest to a profile, for those who show one. It may allow more than the profile does: nothing runs by it. */
export function shownPolicy({ permissions, workspaceRoots }: NamedProfile, folder: ProfileFolder): SandboxPolicy {
  const convention = folder.pathConvention ?? "posix";
  const cwd = pathUriFromNative(folder.cwd, convention);
  return compatibleSandboxPolicy(permissionsWithRoots({ permissions, workspaceRoots }), {
    convention,
    cwd,
    workspaceRoots: [cwd, ...workspaceRoots],
    home: folder.userHomeDir,
    tmpdir: [],
    slashTmp: undefined,
  });
}

/** The profile with the folders that it adds to the workspace among its entries: files of threads have no other place for them. */
export function permissionsWithRoots({ permissions, workspaceRoots }: NamedProfile): NamedProfile["permissions"] {
  const policy = fileSystemPolicyOf(permissions);
  if (policy.kind !== "restricted" || workspaceRoots.length === 0) return permissions;
  const entries = policy.entries.flatMap((entry) => {
    const { path } = entry;
    const isWorkspace =
      path.type === "special" && path.value.kind === "project_roots" && (path.value.subpath ?? "") === "";
    if (!isWorkspace) return [entry];
    return [entry, ...workspaceRoots.map((root) => ({ ...entry, path: { type: "path" as const, path: root } }))];
  });
  return profileOf({ ...policy, entries }, networkPolicyOf(permissions));
}
