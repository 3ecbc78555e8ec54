import { BUILT_IN_PROFILE_IDS, configuredProfileIds } from "../../permissions/named-profile.ts";
import type { HostServices } from "../host-services.ts";
import { pageOf } from "../page.ts";
import type { Room } from "../room.ts";

/** Lists permission profiles. Those of the configuration are for commands alone, and so not allowed for turns. */
export function permissionProfilesRoom({ config }: Pick<HostServices, "config">): Room {
  return {
    handlers: {
      "permissionProfile/list": async (params) => {
        const configured = configuredProfileIds(await config.table({}, { cwd: params.cwd ?? undefined }));
        const profiles = [
          ...BUILT_IN_PROFILE_IDS.map((id) => ({ id, description: null, allowed: true })),
          ...configured.map((id) => ({ id, description: null, allowed: false })),
        ];
        return pageOf(profiles, params, "permission profiles");
      },
    },
  };
}
