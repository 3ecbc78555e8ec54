import { fixedAnswers } from "./fixed/fixed-answers.ts";
import type { HostServices } from "./host-services.ts";
import type { Room } from "./room.ts";

/** The parts of a server. */
export function rooms(services: HostServices): readonly Room[] {
  return [fixedAnswers(services)];
}
