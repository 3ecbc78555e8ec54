// Starts one guarded child and lives on.
import { spawn } from "node:child_process";
import { startGuarded } from "../../src/guardian/index.ts";

startGuarded(() => spawn("sleep", ["600"], { stdio: "ignore", detached: true }));
setInterval(() => {}, 60_000);
