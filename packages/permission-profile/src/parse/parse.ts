import type { Validator } from "@holdfast/protocol-kit";
import { PermissionProfileError } from "../permission-profile-error.ts";
import type { ParsedFileSystemSandboxContext, ParsedPermissionProfile } from "./parsed-types.ts";
import { fileSystemSandboxContextSchema, permissionProfileSchema } from "./permission-profile-schema.ts";

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
export function parseWith<T>(schema: Validator<T>, value: unknown, at: readonly (string | number)[] = []): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = (issue?.path ?? []).map((step) => (typeof step === "number" ? step : String(step)));
  throw new PermissionProfileError(issue?.message ?? "invalid value", [...at, ...path], { cause: result.error });
}
