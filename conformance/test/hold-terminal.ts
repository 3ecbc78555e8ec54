import { Terminal } from "../src/tui/terminal.ts";

// A program on a terminal, until this one is ended.
await Terminal.open({ argv: ["sleep", "600"], cwd: process.cwd(), env: {} });
console.log("open");
setInterval(() => {}, 60_000);
