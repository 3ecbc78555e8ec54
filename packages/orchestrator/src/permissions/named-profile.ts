import type { Environment } from "@holdfast/exec-client";
import { join, type PathUri, pathUriFromNative } from "@holdfast/path-uri";
import {
  type FileSystemPath,
  fileSystemPolicyOf,
  fullAccessProfile,
  networkPolicyOf,
  type ParsedFileSystemSandboxEntry,
  type ParsedPermissionProfile,
  profileOf,
  readOnlyProfile,
  WORKSPACE_GLOB_PREFIX,
  workspaceWriteProfile,
} from "@holdfast/permission-profile";
import type { TomlTable } from "../config/toml-document.ts";
import { tableOf } from "../config/toml-shape.ts";
import { isTable, memberOf } from "../config/toml-values.ts";
import { type ProfileGrant, type ProfileTable, profileTable } from "./profile-table.ts";

/** Profiles that every server has, by their ids. */
const BUILT_IN: ReadonlyMap<string, () => ParsedPermissionProfile> = new Map([
  [":read-only", readOnlyProfile],
  [":workspace", workspaceWriteProfile],
  [":danger-full-access", fullAccessProfile],
]);

/** Ids of the profiles that every server has. */
export const BUILT_IN_PROFILE_IDS: readonly string[] = [...BUILT_IN.keys()];

/** A profile, and what it adds to the workspace. */
export interface NamedProfile {
  readonly permissions: ParsedPermissionProfile;
  readonly workspaceRoots: readonly PathUri[];
}

/** What paths of a profile mean where it is enforced. */
export type ProfilePlace = Pick<Environment, "pathConvention" | "userHomeDir">;

/** A profile can not be used; the message is what peers say. */
export class ProfileError extends Error {
  override readonly name = "ProfileError";
}

/** The profiles that a configuration adds, by name. @throws TomlShapeError - `permissions` is no table. */
export function configuredProfiles(
  config: TomlTable,
): readonly { readonly id: string; readonly description: string | null }[] {
  const tables = tableOf(config.permissions ?? {}, ["permissions"]);
  const ids = Object.keys(tables).sort();
  return ids.map((id) => {
    const table = tables[id];
    const description = isTable(table) ? memberOf(table, "description") : undefined;
    return { id, description: typeof description === "string" ? description : null };
  });
}

/** Whether a configuration has a profile of the user's own by this id. */
export function isConfiguredProfile(id: string, { permissions }: TomlTable): boolean {
  return !id.startsWith(":") && isTable(permissions) && Object.hasOwn(permissions, id);
}

/**
 * The profile of an id: one that every server has, or one of the table `permissions` of a configuration.
 *
 * @throws ProfileError - There is no such profile, or a path of it means nothing. @throws TomlShapeError - It is none of what it may be.
 */
export function namedProfile(id: string, config: TomlTable, place: ProfilePlace): NamedProfile {
  const builtIn = BUILT_IN.get(id);
  if (builtIn !== undefined) return { permissions: builtIn(), workspaceRoots: [] };
  if (id.startsWith(":")) throw new ProfileError(`default_permissions refers to unknown built-in profile \`${id}\``);
  if (config.permissions === undefined) throw new ProfileError("default_permissions requires a `[permissions]` table");
  const tables = tableOf(config.permissions, ["permissions"]);
  const reserved = Object.keys(tables).find((name) => name.startsWith(":"));
  if (reserved !== undefined) {
    throw new ProfileError(`permissions profile \`${reserved}\` uses a reserved built-in profile prefix`);
  }
  if (!Object.hasOwn(tables, id)) throw new ProfileError(`default_permissions refers to undefined profile \`${id}\``);
  return configuredProfile(id, tables, place, []);
}

function configuredProfile(id: string, tables: TomlTable, place: ProfilePlace, above: readonly string[]): NamedProfile {
  if (above.includes(id)) {
    throw new ProfileError(`permissions profile inheritance cycle detected: ${[...above, id].join(" -> ")}`);
  }
  const table = profileTable(tables[id] ?? {}, ["permissions", id]);
  const base = baseOf(id, table, (parent) => configuredProfile(parent, tables, place, [...above, id]), tables);
  const entries = new Map<string, ParsedFileSystemSandboxEntry>();
  let depth = table.globScanMaxDepth;
  if (base !== undefined) {
    const policy = fileSystemPolicyOf(base.permissions);
    if (policy.kind === "restricted") {
      for (const entry of policy.entries) entries.set(JSON.stringify(entry.path), entry);
      depth ??= policy.globScanMaxDepth;
    } else put(entries, { type: "special", value: { kind: "root" } }, "write");
  }
  for (const grant of table.grants) put(entries, pathOf(grant, place), grant.access);
  const inherited = base === undefined ? "restricted" : networkPolicyOf(base.permissions);
  const network = table.network === undefined ? inherited : table.network ? "enabled" : "restricted";
  const policy = { kind: "restricted", entries: [...entries.values()], globScanMaxDepth: depth } as const;
  const roots = table.workspaceRoots.map((root) => placeOf(root, place));
  return {
    permissions: profileOf(policy, network),
    workspaceRoots: [...(base?.workspaceRoots ?? []), ...roots],
  };
}

function baseOf(
  id: string,
  table: ProfileTable,
  configured: (parent: string) => NamedProfile,
  tables: TomlTable,
): NamedProfile | undefined {
  const parent = table.extends;
  if (parent === undefined) return undefined;
  const builtIn = BUILT_IN.get(parent);
  if (builtIn !== undefined) return { permissions: builtIn(), workspaceRoots: [] };
  if (Object.hasOwn(tables, parent)) return configured(parent);
  throw new ProfileError(`permissions profile \`${id}\` extends undefined profile \`${parent}\``);
}

function put(
  entries: Map<string, ParsedFileSystemSandboxEntry>,
  path: ParsedFileSystemSandboxEntry["path"],
  access: ProfileGrant["access"],
): void {
  const key = JSON.stringify(path);
  // What is said last stands last.
  entries.delete(key);
  entries.set(key, { path, access });
}

function pathOf({ path, subpath }: ProfileGrant, place: ProfilePlace): ParsedFileSystemSandboxEntry["path"] {
  if (subpath !== undefined) checkBelow(subpath);
  switch (path) {
    case ":workspace_roots":
    case ":project_roots":
      if (subpath === undefined) return special({ kind: "project_roots" });
      if (isPattern(subpath)) return { type: "glob_pattern", pattern: `${WORKSPACE_GLOB_PREFIX}${subpath}` };
      return special({ kind: "project_roots", subpath });
    case ":root":
    case ":minimal":
    case ":tmpdir":
    case ":slash_tmp": {
      if (subpath !== undefined) throw new ProfileError(`filesystem path \`${path}\` does not support nested entries`);
      return special({ kind: path.slice(1) as "root" | "minimal" | "tmpdir" | "slash_tmp" });
    }
    default:
      if (path.startsWith(":")) {
        return special({ kind: "unknown", path, ...(subpath === undefined ? {} : { subpath }) });
      }
  }
  if (isPattern(path) || (subpath !== undefined && isPattern(subpath))) {
    if (!path.startsWith("~/")) placeOf(path, place);
    return { type: "glob_pattern", pattern: subpath === undefined ? path : `${path}/${subpath}` };
  }
  const at = placeOf(path, place);
  return { type: "path", path: subpath === undefined ? at : join(at, subpath) };
}

type SpecialValue = Extract<ParsedFileSystemSandboxEntry["path"], { readonly type: "special" }>["value"];

function special(value: SpecialValue): Extract<FileSystemPath, { type: "special" }> {
  return { type: "special", value };
}

function checkBelow(subpath: string): void {
  const isBelow =
    !/^(?:[/\\]|[A-Za-z]:)/.test(subpath) && !subpath.split(/[/\\]/).some((part) => part === "." || part === "..");
  if (isBelow && subpath !== "") return;
  throw new ProfileError(
    `filesystem subpath \`${subpath}\` must be a descendant path without \`.\` or \`..\` components`,
  );
}

function placeOf(path: string, { pathConvention, userHomeDir }: ProfilePlace): PathUri {
  if (path === "~" || path.startsWith("~/")) {
    if (userHomeDir === undefined)
      throw new ProfileError(`filesystem path \`${path}\` needs a home, and there is none`);
    return path.length <= 2 ? userHomeDir : join(userHomeDir, path.slice(2));
  }
  try {
    return pathUriFromNative(path, pathConvention ?? "posix");
  } catch {
    throw new ProfileError(`filesystem path \`${path}\` must be absolute, use \`~/...\`, or start with \`:\``);
  }
}

function isPattern(path: string): boolean {
  return /[*?[]/.test(path);
}
