export { writeProgress } from "../write-progress.ts";
export { STDIO_LIMITS } from "./limits.ts";
export { type SpawnedStdio, type SpawnStdioOptions, spawnStdio } from "./spawn-stdio.ts";
export { type StdioPortOptions, stdioPort } from "./stdio-port.ts";
