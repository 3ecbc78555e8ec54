import { BUILT_IN_PROFILE_IDS } from "../../permissions/named-profile.ts";
import { pageOf } from "../page.ts";
import type { Room } from "../room.ts";

/** Lists permission profiles. */
export function permissionProfilesRoom(): Room {
  return {
    handlers: {
      "permissionProfile/list": (params) =>
        pageOf(
          BUILT_IN_PROFILE_IDS.map((id) => ({ id, description: null, allowed: true })),
          params,
          "permission profiles",
        ),
    },
  };
}
