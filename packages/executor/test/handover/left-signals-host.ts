/* A program that handles a signal, has left it to the system, and takes it back if it is told to. Says when it can be sent. */
import { writeSync } from "node:fs";
import { leaveSignals } from "../../src/platform/become-program.ts";

const HANDLED = 7;
const PATIENCE_MS = 20_000;

process.on("SIGTERM", () => process.exit(HANDLED));
const [what] = process.argv.slice(2);
if (what === "sent before") process.kill(process.pid, "SIGTERM");
const handleAgain = await leaveSignals(["SIGTERM"]);
if (what === "taken back") handleAgain();
writeSync(1, "ready");
// While it is left, this program runs nothing: it could become another one at any moment.
if (what === "left") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PATIENCE_MS);
else setTimeout(() => {}, PATIENCE_MS);
