import type { z } from "zod";
import { PermissionProfileError } from "../permission-profile-error.ts";
import type { fileSystemPermissionsSchema, fileSystemSandboxEntrySchema } from "./file-system-schema.ts";
import { fileSystemSandboxContextSchema, permissionProfileSchema } from "./permission-profile-schema.ts";

/** A `FileSystemSandboxEntry` whose literal path is a canonical `PathUri`. */
export type ParsedFileSystemSandboxEntry = z.output<typeof fileSystemSandboxEntrySchema>;

/** A `FileSystemPermissions` section whose literal paths are canonical `PathUri`s. */
export type ParsedFileSystemPermissions = z.output<typeof fileSystemPermissionsSchema>;

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

/**
 * Read parsed JSON with a schema.
 *
 * @param at - Where the value is, for the error.
 * @throws PermissionProfileError for the first thing that is wrong.
 */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  at: readonly (string | number)[] = [],
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = (issue?.path ?? []).map((step) => (typeof step === "number" ? step : String(step)));
  throw new PermissionProfileError(issue?.message ?? "invalid value", [...at, ...path], { cause: result.error });
}
