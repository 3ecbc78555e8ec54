import { isPathUriError, type PathConvention, pathUriFromNative } from "@holdfast/path-uri";
import { PermissionProfileError } from "./permission-profile-error.ts";

/** Where something is in a document. */
export type Place = readonly (string | number)[];

/**
 * Stored documents write paths as native text. The same list of entries with `file:` URIs for its literal paths; whatever is
 * not shaped like an entry stays as it is, for the schema to refuse.
 *
 * @throws PermissionProfileError for a literal path that is not absolute.
 */
export function entriesWithUris(entries: unknown, convention: PathConvention, at: Place): unknown {
  if (!Array.isArray(entries)) return entries;
  return entries.map((entry: unknown, index) => {
    const path = isRecord(entry) ? entry.path : undefined;
    if (!isRecord(entry) || !isRecord(path) || path.type !== "path" || typeof path.path !== "string") return entry;
    return { ...entry, path: { ...path, path: uriText(path.path, convention, [...at, index, "path", "path"]) } };
  });
}

/** The URI of native text; text that is a URI already stays one. */
export function uriText(text: string, convention: PathConvention, at: Place): string {
  if (/^file:/i.test(text)) return text;
  try {
    return pathUriFromNative(text, convention);
  } catch (error) {
    if (!isPathUriError(error)) throw error;
    throw new PermissionProfileError(error.message, at, { cause: error });
  }
}

/** Is this an object with members? */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
