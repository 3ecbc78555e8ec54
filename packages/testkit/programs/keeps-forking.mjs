// Every generation lives for a moment and starts the next one before it ends, in a session of its own.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const generation = Number(process.argv[2] ?? 0);
const pauseMs = Number(process.argv[3] ?? 50);
process.stdout.write(`ready ${process.pid}\n`);
const self = fileURLToPath(import.meta.url);
setTimeout(() => {
  const stdio = ["ignore", "inherit", "ignore"];
  spawn(process.execPath, [self, String(generation + 1), String(pauseMs)], { detached: true, stdio });
  process.exit(0);
}, pauseMs);
