// The child leads a session and a process group of its own: no signal to the parent's group reaches it.
import { spawn } from "node:child_process";

const script = 'process.stdout.write("up\\n"); setInterval(() => {}, 60_000);';
const child = spawn(process.execPath, ["-e", script], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
child.stdout.once("data", () => process.stdout.write(`ready ${child.pid}\n`));
setInterval(() => {}, 60_000);
