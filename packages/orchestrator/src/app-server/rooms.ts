import { commandRoom } from "./command/command-room.ts";
import { filesRoom } from "./files/files-room.ts";
import { fixedAnswers } from "./fixed/fixed-answers.ts";
import type { HostServices } from "./host-services.ts";
import { processRoom } from "./process/process-room.ts";
import type { Room } from "./room.ts";

/** The parts of a server. */
export function rooms(services: HostServices): readonly Room[] {
  return [fixedAnswers(services), commandRoom(services), processRoom(services), filesRoom(services)];
}
