import { pageOf } from "../page.ts";
import type { Room } from "../room.ts";

/** What a turn may be permitted, by the names that every client knows. */
const PROFILES = [":read-only", ":workspace", ":danger-full-access"];

/** Lists permission profiles. */
export function permissionProfilesRoom(): Room {
  return {
    handlers: {
      "permissionProfile/list": (params) =>
        pageOf(
          PROFILES.map((id) => ({ id, description: null, allowed: true })),
          params,
          "permission profiles",
        ),
    },
  };
}
