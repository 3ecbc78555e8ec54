// Fork twice, with a session in between: the daemon is nobody's child and in nobody's group.
import { spawn } from "node:child_process";

const daemon = "setInterval(() => {}, 60_000)";
const middle = `
  const { spawn } = require("node:child_process");
  const daemon = spawn(process.execPath, ["-e", ${JSON.stringify(daemon)}], { detached: true, stdio: "ignore" });
  process.stdout.write(String(daemon.pid), () => process.exit(0));`;
const child = spawn(process.execPath, ["-e", middle], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
let pid = "";
child.stdout.on("data", (chunk) => {
  pid += chunk;
});
child.on("close", () => process.stdout.write(`ready ${pid}\n`, () => process.exit(0)));
