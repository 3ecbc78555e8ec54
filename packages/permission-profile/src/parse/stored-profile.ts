import type { PathConvention } from "@holdfast/path-uri";
import { PermissionProfileError } from "../permission-profile-error.ts";
import { parsePermissionProfile } from "./parse.ts";
import type { ParsedPermissionProfile } from "./parsed-types.ts";
import { entriesWithUris, optionalSection, parseStoredEntries, refuseOthers } from "./stored-entries.ts";
import { isRecord } from "./wire-schema.ts";

/** What the paths of a stored profile mean. */
export interface StoredProfileOptions {
  /** The path convention of the machine that stored it. */
  readonly convention: PathConvention;
}

/**
 * Read a profile from a recording or a configuration cache: literal paths are native text, and the shape from before profiles
 * had a `type` is taken too. The wire takes neither; there {@link parsePermissionProfile} reads.
 *
 * @throws PermissionProfileError that names the rule and the member. The old shape has no unknown members.
 */
export function parseStoredPermissionProfile(value: unknown, options: StoredProfileOptions): ParsedPermissionProfile {
  if (!isRecord(value)) return parsePermissionProfile(value);
  return "type" in value ? parseTagged(value, options.convention) : parseUntagged(value, options.convention);
}

function parseTagged(value: Record<string, unknown>, convention: PathConvention): ParsedPermissionProfile {
  const section = value.file_system;
  if (!isRecord(section)) return parsePermissionProfile(value);
  const entries = entriesWithUris(section.entries, convention, ["file_system", "entries"]);
  return parsePermissionProfile({ ...value, file_system: { ...section, entries } });
}

function parseUntagged(value: Record<string, unknown>, convention: PathConvention): ParsedPermissionProfile {
  refuseOthers(value, ["network", "file_system"], []);
  const section = optionalSection(value, "file_system", []) ?? {};
  const members = { depth: "glob_scan_max_depth", isStrict: true } as const;
  return {
    type: "managed",
    file_system: parseStoredEntries(section, convention, members, ["file_system"]),
    network: isNetworkEnabled(value, true) ? "enabled" : "restricted",
  };
}

/**
 * Does an object `{ network: { enabled } | null }` open the network?
 *
 * @throws PermissionProfileError when it is shaped otherwise.
 */
export function isNetworkEnabled(value: Record<string, unknown>, isStrict: boolean): boolean {
  const network = optionalSection(value, "network", []);
  if (network === undefined) return false;
  if (isStrict) refuseOthers(network, ["enabled"], ["network"]);
  const enabled = network.enabled ?? false;
  if (typeof enabled === "boolean") return enabled;
  throw new PermissionProfileError(`invalid type: ${typeof enabled}, expected a boolean`, ["network", "enabled"]);
}
