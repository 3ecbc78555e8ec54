import { agentThreads } from "../agent/turn/agent-thread.ts";
import { commandRoom } from "./command/command-room.ts";
import { configRoom } from "./config/config-room.ts";
import { environmentsRoom } from "./environments/environments-room.ts";
import { filesRoom } from "./files/files-room.ts";
import { fixedAnswers } from "./fixed/fixed-answers.ts";
import type { HostServices } from "./host-services.ts";
import { mcpRoom } from "./mcp/mcp-room.ts";
import { modelsRoom } from "./models/models-room.ts";
import { permissionProfilesRoom } from "./permission-profiles/permission-profiles-room.ts";
import { processRoom } from "./process/process-room.ts";
import type { Room } from "./room.ts";
import { searchRoom } from "./search/search-room.ts";
import { skillsRoom } from "./skills/skills-room.ts";
import { threadsRoom } from "./threads/threads-room.ts";

/** The parts of a server. */
export function rooms(services: HostServices): readonly Room[] {
  return [
    fixedAnswers(services),
    commandRoom(services),
    processRoom(services),
    filesRoom(services),
    searchRoom(services),
    configRoom(services),
    environmentsRoom(services),
    mcpRoom(services),
    modelsRoom(services),
    permissionProfilesRoom(services),
    skillsRoom(services),
    threadsRoom(services, agentThreads(services)),
  ];
}
