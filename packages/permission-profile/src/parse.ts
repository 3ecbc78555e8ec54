import type { z } from "zod";
import { fileSystemSandboxContextSchema } from "./file-system-sandbox-context-schema.ts";
import { parseWith } from "./parse-with.ts";
import { permissionProfileSchema } from "./permission-profile-schema.ts";

/** A `PermissionProfile` whose paths are canonical `PathUri`s and whose aliases are resolved. */
export type ParsedPermissionProfile = z.output<typeof permissionProfileSchema>;

/** A `FileSystemSandboxContext` whose paths are canonical `PathUri`s and whose aliases are resolved. */
export type ParsedFileSystemSandboxContext = z.output<typeof fileSystemSandboxContextSchema>;

/**
 * Read a permission profile from parsed JSON. Unknown members are dropped; unknown kinds are refused, because ignoring one
 * could widen access.
 *
 * @throws PermissionProfileError that names the rule and the member.
 */
export function parsePermissionProfile(value: unknown): ParsedPermissionProfile {
  return parseWith(permissionProfileSchema, value);
}

/**
 * Read a sandbox context from parsed JSON, by the same rules as {@link parsePermissionProfile}.
 *
 * @throws PermissionProfileError that names the rule and the member.
 */
export function parseFileSystemSandboxContext(value: unknown): ParsedFileSystemSandboxContext {
  return parseWith(fileSystemSandboxContextSchema, value);
}
