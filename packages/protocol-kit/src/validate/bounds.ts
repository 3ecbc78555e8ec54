import * as z from "zod";

/** How large a number may be. */
interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** A number of one kind within bounds that the kind does not have. */
export function bounded(schema: z.ZodNumber, bounds: Bounds) {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = bounds;
  return schema
    .refine((value) => minimum === undefined || value >= minimum, { error: `must be at least ${minimum}` })
    .refine((value) => maximum === undefined || value <= maximum, { error: `must be at most ${maximum}` })
    .refine((value) => exclusiveMinimum === undefined || value > exclusiveMinimum, {
      error: `must be more than ${exclusiveMinimum}`,
    })
    .refine((value) => exclusiveMaximum === undefined || value < exclusiveMaximum, {
      error: `must be less than ${exclusiveMaximum}`,
    });
}

/** Text of so many code points. */
export function textWithin(schema: z.ZodString, min: number, max: number) {
  return schema.refine((text) => isWithin(codePoints(text), min, max), {
    error: `must have ${range(min, max)} characters`,
  });
}

/** Text in which a regular expression finds something. */
export function matching(pattern: string): z.ZodString {
  const expression = new RegExp(pattern, "u");
  return z.string().refine((text) => expression.test(text), { error: `must match \`${pattern}\`` });
}

/** A list of so many items. */
export function itemsWithin<Item extends z.core.SomeType>(schema: z.ZodArray<Item>, min: number, max: number) {
  return schema.refine((items) => isWithin(items.length, min, max), { error: `must have ${range(min, max)} items` });
}

function isWithin(count: number, min: number, max: number): boolean {
  return count >= min && count <= max;
}

function range(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return `at least ${min}`;
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
