import type { PathUri } from "@holdfast/path-uri";
import { pathUriSchema } from "@holdfast/path-uri/zod";
import { clip } from "@holdfast/protocol-kit";
import * as z from "zod";

/*
 * Building blocks whose refusals read like those of the protocol's peers: a missing member is named, and so are all the
 * variants that a closed set has.
 */

type Refusal = (issue: { readonly input?: unknown }) => string;

/** A member that must be there. */
export function expecting(member: string, kind: string): { error: Refusal } {
  return {
    error: ({ input }) =>
      input === undefined ? `missing field \`${member}\`` : `invalid type: ${describe(input)}, expected ${kind}`,
  };
}

/** One of a closed set of words. */
export function variantSchema<const Words extends readonly [string, ...string[]]>(member: string, words: Words) {
  return z.enum(words, { error: variantRefusal(member, words) });
}

/** The refusal of a word that is none of a closed set. */
export function variantRefusal(member: string, words: readonly string[]): Refusal {
  return ({ input }) => {
    if (typeof input === "string") return `unknown variant \`${clip(input)}\`, expected ${list(words)}`;
    return expecting(member, "a string").error({ input });
  };
}

/** The refusal of a tagged object: it is none, has no tag, or has a tag outside the closed set. */
export function tagRefusal(member: string, tag: string, words: readonly string[]): { error: Refusal } {
  return {
    error: ({ input }) =>
      isRecord(input)
        ? variantRefusal(tag, words)({ input: input[tag] })
        : expecting(member, "an object").error({ input }),
  };
}

/** The text of a path URI, read into its canonical form. */
export function pathUriMember(member: string): z.ZodType<PathUri, string> {
  return z.string(expecting(member, "a string")).pipe(pathUriSchema);
}

function list(words: readonly string[]): string {
  const quoted = words.map((word) => `\`${word}\``);
  return quoted.length <= 2 ? quoted.join(" or ") : `one of ${quoted.join(", ")}`;
}

function describe(input: unknown): string {
  if (input === null) return "null";
  if (Array.isArray(input)) return "sequence";
  if (typeof input === "string") return `string ${JSON.stringify(clip(input))}`;
  return typeof input === "object" ? "map" : typeof input;
}

/** Is this an object with members? */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
