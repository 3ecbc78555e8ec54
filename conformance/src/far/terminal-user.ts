/*
 * Somebody at a terminal on the other host, as a program: sends numbered lines to `cat` behind a terminal there until it is told to stop, and
 * exits with 0 when each came back, once and in order. Arguments: the URL, milliseconds to try for a lost line.
 */
import { once } from "node:events";
import { connect } from "@holdfast/exec-client";

const PAUSE_MS = 100;

const [url = "", deadlineMs = "0"] = process.argv.slice(2);
await using executor = await connect(url, { recovery: { deadlineMs: Number(deadlineMs) } });
await using terminal = await executor.processes.start({
  argv: ["sh", "-c", "stty -echo; echo ready; exec cat"],
  tty: true,
});

const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
process.stdout.write("ready\n");

const lines = terminal.lines();
const first = await lines.next();
if (first.value !== "ready") throw new Error(`the terminal began with ${String(first.value)}`);
let sent = 0;
const sending = (async () => {
  while (!stop.signal.aborted) {
    sent += 1;
    await terminal.write(`line ${sent}\r`);
    await Promise.race([new Promise((resolve) => setTimeout(resolve, PAUSE_MS)), once(stop.signal, "abort")]);
  }
  await terminal.write("\x04");
})();
let seen = 0;
for await (const line of lines) {
  seen += 1;
  if (line !== `line ${seen}`) throw new Error(`in place of line ${seen} came ${JSON.stringify(line)}`);
}
await sending;
if (seen !== sent) throw new Error(`${sent} lines were sent and ${seen} came back`);
process.stdout.write(`${seen}\n`);
