export { writeProgress } from "../write-progress.ts";
export { STDIO_LIMITS } from "./limits.ts";
export type { Opening } from "./opening.ts";
export { printable } from "./printable.ts";
export { ProgramEnded } from "./program-ended.ts";
export { type SpawnedStdio, type SpawnStdioOptions, spawnStdio } from "./spawn-stdio.ts";
export { standardStreams } from "./standard-streams.ts";
export { type StdioHeartbeat, type StdioPortOptions, stdioPort } from "./stdio-port.ts";
