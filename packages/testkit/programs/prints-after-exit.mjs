// The parent is gone long before the last line arrives on the stdout that its child inherited.
import { spawn } from "node:child_process";

const delayMs = Number(process.argv[2] ?? 100);
const script = `setTimeout(() => process.stdout.write("late\\n"), ${delayMs})`;
const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "inherit", "ignore"] });
child.on("spawn", () => {
  process.stdout.write("ready\n", () => process.exit(0));
});
