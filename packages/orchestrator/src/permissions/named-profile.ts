import {
  fullAccessProfile,
  type ParsedPermissionProfile,
  readOnlyProfile,
  workspaceWriteProfile,
} from "@holdfast/permission-profile";

/** Profiles that every server has, by their ids. */
const BUILT_IN: ReadonlyMap<string, () => ParsedPermissionProfile> = new Map([
  [":read-only", readOnlyProfile],
  [":workspace", workspaceWriteProfile],
  [":danger-full-access", fullAccessProfile],
]);

/** Ids of the profiles that every server has. */
export const BUILT_IN_PROFILE_IDS: readonly string[] = [...BUILT_IN.keys()];

/** @throws Error - There is no such profile; the message is what peers say. */
export function namedProfile(id: string): ParsedPermissionProfile {
  const builtIn = BUILT_IN.get(id);
  if (builtIn !== undefined) return builtIn();
  throw new Error(
    id.startsWith(":")
      ? `default_permissions refers to unknown built-in profile \`${id}\``
      : "default_permissions requires a `[permissions]` table",
  );
}
