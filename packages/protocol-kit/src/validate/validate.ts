import { isObject } from "../is-object.ts";
import { memberPath, type RawIssue, refusalText, unexpectedType } from "./refusal-text.ts";
import type { Validator, ValidatorIssue } from "./validator.ts";

/** A value that passed, or why and where it did not. */
export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly path: readonly PropertyKey[] };

const IN_WIRE_WORDS = { error: (issue: RawIssue) => refusalText(issue) };

/**
 * Check a value that a peer sent. The message names the rule in the words of the protocol, and the member if the rule does
 * not: ``invalid type: number, expected a string at `argv[1]` ``.
 */
export function validate<T>(schema: Validator<T>, value: unknown): Validated<T> {
  const result = schema.safeParse(value, IN_WIRE_WORDS);
  return result.success ? { ok: true, value: result.data } : refused(result.error.issues);
}

/** As {@link validate}, for a value that must be an object of type `name`; an absent one counts as null. */
export function validateRecord<T>(schema: Validator<T>, name: string, value: unknown): Validated<T> {
  if (isObject(value)) return validate(schema, value);
  return { ok: false, message: unexpectedType(value ?? null, `struct ${name}`), path: [] };
}

/** Check the params of a method that takes none: absent, null and an empty object pass. */
export function validateUnit(value: unknown): Validated<null> {
  if (value === undefined || value === null || isEmptyObject(value)) return { ok: true, value: null };
  return { ok: false, message: unexpectedType(value, "unit"), path: [] };
}

function isEmptyObject(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** A wrong value is reported before a missing one, as peers that decode from front to back do. */
function refused(issues: readonly ValidatorIssue[]): Validated<never> {
  const [first = { message: "value is not what it should be", path: [] }] = issues;
  const { message, path } = issues.find((issue) => !isMissing(issue)) ?? first;
  const place = isMissing({ message, path }) ? path.slice(0, -1) : path;
  return { ok: false, message: place.length === 0 ? message : `${message} at \`${memberPath(place)}\``, path };
}

function isMissing({ message }: ValidatorIssue): boolean {
  return message.startsWith("missing field ");
}
