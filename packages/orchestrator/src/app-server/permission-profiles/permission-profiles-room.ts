import { resolve } from "node:path";
import type { PermissionProfileSummary } from "@holdfast/app-server-protocol";
import type { TomlTable } from "../../config/toml-document.ts";
import { BUILT_IN_PROFILE_IDS, configuredProfiles, namedProfile } from "../../permissions/named-profile.ts";
import { profilePlace } from "../../permissions/profile-place.ts";
import type { HostServices } from "../host-services.ts";
import { pageOf } from "../page.ts";
import type { Room } from "../room.ts";

/** Lists permission profiles: those that every server has, then those of the configuration by name. */
export function permissionProfilesRoom({
  config,
  environments,
  cwd: ownCwd,
}: Pick<HostServices, "config" | "environments" | "cwd">): Room {
  return {
    handlers: {
      "permissionProfile/list": async (params) => {
        const cwd = params.cwd == null ? undefined : resolve(ownCwd, params.cwd);
        const table = await config.table({}, { cwd });
        const place = await profilePlace(environments);
        const configured = configuredProfiles(table).map(
          ({ id, description }): PermissionProfileSummary => ({ id, description, allowed: isUsable(id, table, place) }),
        );
        const profiles = [
          ...BUILT_IN_PROFILE_IDS.map((id) => ({ id, description: null, allowed: true })),
          ...configured,
        ];
        return pageOf(profiles, params, "permission profiles");
      },
    },
  };
}

/** One that is broken is listed, and refused where it is used. */
function isUsable(id: string, table: TomlTable, place: Parameters<typeof namedProfile>[2]): boolean {
  try {
    namedProfile(id, table, place);
    return true;
  } catch {
    return false;
  }
}
