import * as z from "zod";
import { Base64Bytes } from "../base64/base64-bytes.ts";
import { base64Problem } from "../base64/base64-text.ts";
import { isObject } from "../is-object.ts";
import { passedOn } from "./own-validator.ts";
import { bytesOf, isInt32, isInt64, isUint16, isUint32, isUint64 } from "./quick-kit.ts";
import { clip, unexpectedType } from "./refusal-text.ts";
import { toleratesUnknown } from "./tolerance.ts";

/*
 * What generated validators are made of. A missing member is left to the words of `refusalText`, which knows the name.
 */

/** An object with known members. Others are dropped. */
export function record<Shape extends z.core.$ZodShape>(name: string, shape: Shape) {
  return z.object(shape, structError(name));
}

/** An object with known members that keeps the others as they are. */
export function openRecord<Shape extends z.core.$ZodShape>(name: string, shape: Shape) {
  return z.looseObject(shape, structError(name));
}

/** An object with known members that refuses others, except where unknown ones are tolerated: there it drops them. */
export function closedRecord<Shape extends z.core.$ZodShape>(name: string, shape: Shape) {
  const known = Object.keys(shape);
  const closed = z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? unknownField(issue.keys[0], known) : structError(name).error(issue),
  });
  const open = record(name, shape);
  return passedOn<z.output<typeof closed>>(() => (toleratesUnknown() ? open : closed));
}

/** An object with known members, and others of one kind. */
export function recordOf<Shape extends z.core.$ZodShape, Rest extends z.core.SomeType>(
  name: string,
  shape: Shape,
  rest: Rest,
) {
  return z.object(shape, structError(name)).catchall(rest);
}

/** Whole numbers of one size. */
function whole(kind: string, fits: (value: unknown) => boolean) {
  return z.number({ error: ({ input }) => numberRefusal(input, kind) }).refine(fits, { error: INVALID_NUMBER });
}

const INVALID_NUMBER = "invalid number";

export const uint8 = whole("u8", within(0, 0xff));
export const uint16 = whole("u16", isUint16);
export const uint32 = whole("u32", isUint32);
export const int8 = whole("i8", within(-0x80, 0x7f));
export const int16 = whole("i16", within(-0x8000, 0x7fff));
export const int32 = whole("i32", isInt32);
/** Above 2^53 the nearest number that JavaScript has. */
export const uint64 = whole("u64", isUint64);
/** Beyond ±2^53 the nearest number that JavaScript has. */
export const int64 = whole("i64", isInt64);

/** A size, of as many bits as the machine of the peer has. Above 2^53 the nearest number that JavaScript has. */
export const uint = whole("usize", isUint64);
/** A whole number of no size in particular. */
export const integer = whole("an integer", Number.isInteger);

/** Numbers of one precision. JavaScript has the larger one, which holds both. */
export const double = z.number({ error: ({ input }) => numberRefusal(input, "f64") });
export const float = z.number({ error: ({ input }) => numberRefusal(input, "f32") });

/** Standard base64 with padding, checked to the last bit, as its bytes. That of a long frame has been decoded with it. */
export const base64 = z.unknown().transform((value, context): Uint8Array<ArrayBuffer> => {
  const bytes = bytesOf(value);
  if (bytes !== undefined) return bytes;
  if (typeof value === "string") context.addIssue({ code: "custom", message: base64Problem(value), input: value });
  else context.addIssue({ code: "invalid_type", expected: "string", input: value });
  return z.NEVER;
});

/** Base64 that the method itself looks at: as text, or decoded with a long frame. */
export const base64Content = z.custom<string | Base64Bytes>(
  (value) => typeof value === "string" || value instanceof Base64Bytes,
  expecting("a string"),
);

const UUID = /^(?:urn:uuid:)?(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})$/i;

export const uuid = z.string().refine((text) => UUID.test(text), { error: "invalid UUID" });

/** Any JSON object, passed through as it is. */
export const jsonObject = z.custom<Record<string, unknown>>(isObject, expecting("a map"));

/** Names to strings, passed through as it is, so that no name is special. */
export const stringMap = z.custom<Record<string, string>>(isObject, expecting("a map")).superRefine((map, context) => {
  for (const [name, value] of Object.entries<unknown>(map)) {
    if (typeof value === "string") continue;
    context.addIssue({ code: "custom", message: unexpectedType(value, "a string"), path: [name], input: value });
    return;
  }
});

/** Any JSON value, but not a missing member. */
export const present = z.unknown().refine((value) => value !== undefined);

/** The refusal of a value that is there and is something else. */
function expecting(kind: string): { error: (issue: { readonly input?: unknown }) => string | undefined } {
  return { error: ({ input }) => (input === undefined ? undefined : unexpectedType(input, kind)) };
}

function structError(name: string): {
  error: (issue: { readonly code?: string | undefined; readonly input?: unknown }) => string | undefined;
} {
  return {
    error: ({ code, input }) =>
      code === "invalid_type" && input !== undefined ? unexpectedType(input, `struct ${name}`) : undefined,
  };
}

function within(min: number, max: number): (value: unknown) => boolean {
  return (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function unknownField(field: string | undefined, known: readonly string[]): string {
  const quoted = known.map((name) => `\`${name}\``);
  const expected = quoted.length <= 2 ? quoted.join(" or ") : `one of ${quoted.join(", ")}`;
  return `unknown field \`${clip(field ?? "")}\`, expected ${quoted.length === 0 ? "none" : expected}`;
}

function numberRefusal(input: unknown, kind: string): string | undefined {
  if (input === undefined) return undefined;
  return typeof input === "number" ? INVALID_NUMBER : unexpectedType(input, kind);
}
