import type { z } from "zod";
import { fileSystemSandboxContextSchema } from "./file-system-sandbox-context-schema.ts";
import { PermissionProfileError } from "./permission-profile-error.ts";
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

function parseWith<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = (issue?.path ?? []).map((step) => (typeof step === "number" ? step : String(step)));
  throw new PermissionProfileError(issue?.message ?? "invalid value", path, { cause: result.error });
}
