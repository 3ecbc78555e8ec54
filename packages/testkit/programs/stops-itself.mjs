// Stopped, it does nothing at all until somebody continues it.
import { writeSync } from "node:fs";

writeSync(1, "ready\n");
process.kill(process.pid, "SIGSTOP");
writeSync(1, "continued\n");
