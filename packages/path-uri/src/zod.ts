import * as z from "zod";
import { tryParsePathUri } from "./parse.ts";
import type { PathUri } from "./path-uri.ts";

/**
 * Reads the text of a path URI and gives the canonical branded value. The message of its issue is the message of the
 * `PathUriError`; a value that is no string is an ordinary `invalid_type` issue.
 */
export const pathUriSchema: z.ZodType<PathUri, string> = z.string().transform((text, context) => {
  const result = tryParsePathUri(text);
  if (result.ok) return result.uri;
  context.addIssue({ code: "custom", message: result.error.message, params: { pathUriErrorCode: result.error.code } });
  return z.NEVER;
});
