import { isPathUriError, type PathConvention, pathUriFromNative } from "@holdfast/path-uri";
import { PermissionProfileError } from "../permission-profile-error.ts";
import { fileSystemPermissionsSchema } from "./file-system-schema.ts";
import { parseWith } from "./parse.ts";
import type { ParsedFileSystemPermissions } from "./parsed-types.ts";
import { isRecord } from "./wire-schema.ts";

/** Entries as they were stored before the profile had types, or as additional permissions carry them. */
export type StoredEntries = Extract<ParsedFileSystemPermissions, { type: "restricted" }>;

/** Names of the members of a stored section. */
export interface StoredMembers {
  readonly depth: "glob_scan_max_depth" | "globScanMaxDepth";
  /** Refuse what is none of the members. */
  readonly isStrict: boolean;
}

/**
 * Read `entries` and the short form, lists of paths under `read` and `write`, into one list of entries.
 *
 * @throws PermissionProfileError that names the rule and the member.
 */
export function parseStoredEntries(
  section: Record<string, unknown>,
  convention: PathConvention,
  members: StoredMembers,
  at: Place,
): StoredEntries {
  if (members.isStrict) refuseOthers(section, ["read", "write", "entries", members.depth], at);
  const entries = [
    ...listed(section.entries, "entries", at),
    ...literals(section.read, "read", convention, at),
    ...literals(section.write, "write", convention, at),
  ];
  const value = {
    type: "restricted",
    entries: entriesWithUris(entries, convention, [...at, "entries"]),
    ...(section[members.depth] == null ? {} : { glob_scan_max_depth: section[members.depth] }),
  };
  const parsed = parseWith(fileSystemPermissionsSchema, value, at);
  return parsed.type === "restricted" ? parsed : { type: "restricted", entries: [] };
}

/** @throws PermissionProfileError for the first member that is none of the known ones. */
export function refuseOthers(value: Record<string, unknown>, known: readonly string[], at: Place): void {
  const other = Object.keys(value).find((member) => !known.includes(member));
  if (other === undefined) return;
  const list = known.map((member) => `\`${member}\``).join(", ");
  throw new PermissionProfileError(`unknown field \`${other}\`, expected one of ${list}`, [...at, other]);
}

/** The member as an object; absent and null are `undefined`. */
export function optionalSection(value: Record<string, unknown>, member: string, at: Place) {
  const section = value[member];
  if (section === undefined || section === null) return undefined;
  if (isRecord(section)) return section;
  throw new PermissionProfileError(`invalid type: ${typeof section}, expected an object`, [...at, member]);
}

function literals(paths: unknown, access: "read" | "write", convention: PathConvention, at: Place): unknown[] {
  return listed(paths, access, at).map((path, index) => {
    const place = [...at, access, index];
    if (typeof path !== "string") {
      throw new PermissionProfileError(`invalid type: ${typeof path}, expected a string`, place);
    }
    return { path: { type: "path", path: uriText(path, convention, place) }, access };
  });
}

function listed(value: unknown, member: string, at: Place): unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new PermissionProfileError(`invalid type: ${typeof value}, expected a sequence`, [...at, member]);
}

/** Where something is in a document. */
export type Place = readonly (string | number)[];

/**
 * Stored documents write paths as native text. The same list of entries with `file:` URIs for its literal paths; everything that is
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
