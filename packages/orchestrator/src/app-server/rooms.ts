import type { HostServices } from "./host-services.ts";
import type { Room } from "./room.ts";

/** The parts of a server. */
export function rooms(_services: HostServices): readonly Room[] {
  return [];
}
