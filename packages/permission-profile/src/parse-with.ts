import type { z } from "zod";
import { PermissionProfileError } from "./permission-profile-error.ts";

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
