// A child in the same process group that has to be killed on its own account.
import { spawn } from "node:child_process";

const script = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 60_000); process.stdout.write("up\\n");';
const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
child.stdout.once("data", () => process.stdout.write(`ready ${child.pid}\n`));
setInterval(() => {}, 60_000);
