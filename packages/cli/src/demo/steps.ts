import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Executor, RunningProcess } from "@holdfast/exec-client";
import { download, upload } from "@holdfast/exec-client/transfer";
import { CommandFailure } from "../command-line/failure.ts";
import { formatBytes } from "../cp/progress-bar.ts";
import type { Report } from "./report.ts";

const TICKS = "for n in 1 2 3; do echo tick $n; sleep 0.1; done; echo done >&2; exit 3";
const FILE_BYTES = 8 * 1024 * 1024;
const BURST = 40;
const PROMPT = "demo> ";

/** A command whose output shows up as it is written, with its own exit code. */
export async function streamCommand(executor: Executor, report: Report): Promise<string> {
  const startedMs = performance.now();
  let chunks = 0;
  const { exitCode } = await executor.run(["/bin/sh", "-c", TICKS], {
    onOutput: ({ stream, data }) => {
      chunks += 1;
      const atMs = Math.round(performance.now() - startedMs);
      report.line(`${String(atMs).padStart(4)} ms  ${stream}  ${Buffer.from(data).toString().trim()}`);
    },
  });
  return `${chunks} pieces of output as they came, exit code ${exitCode}`;
}

/** A shell in a terminal: type into it, see the answer. */
export async function useTerminal(executor: Executor, report: Report): Promise<string> {
  const argv = ["/bin/sh", "-i"];
  await using shell = await executor.processes.start({
    argv,
    tty: true,
    env: { PS1: PROMPT, ENV: undefined, TERM: "dumb" },
  });
  const screen = readScreen(shell);
  await screen.shows(PROMPT);
  const typedMs = performance.now();
  await shell.write("echo $((6 * 7))\n");
  await screen.shows("\n42");
  const answeredMs = performance.now() - typedMs;
  await shell.write("exit 0\n");
  const { exitCode } = await shell.closed;
  for (const line of screen.text().split("\n")) if (line.trim() !== "") report.line(line.trim());
  return `answered after ${answeredMs.toFixed(1)} ms, exit code ${exitCode}`;
}

function readScreen(shell: RunningProcess) {
  let text = "";
  let changed = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const event of shell.events()) {
      if (event.type === "output") text += Buffer.from(event.data).toString();
      changed.resolve();
      changed = Promise.withResolvers();
    }
  })();
  return {
    text: () => text.replaceAll("\r", ""),
    async shows(expected: string): Promise<void> {
      while (!text.replaceAll("\r", "").includes(expected)) {
        const isOver = await Promise.race([changed.promise.then(() => false), reading.then(() => true)]);
        if (isOver) throw new CommandFailure(`the terminal closed without showing ${JSON.stringify(expected)}`);
      }
    },
  };
}

/** A file there and back again. */
export async function copyFile(executor: Executor, report: Report, folder: string): Promise<string> {
  const [original, copy, back] = ["original", "copy", "back"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(original, randomBytes(FILE_BYTES));
  const options = { onProblem: (line: string) => report.line(line), onWarning: (line: string) => report.line(line) };
  await timed(report, "there", () => upload(executor, original, copy, options));
  await timed(report, "back", () => download(executor, copy, back, options));
  const [before, after] = await Promise.all([sha256(original), sha256(back)]);
  report.line(`sha256 of the original  ${before}`);
  report.line(`sha256 of what came back ${after}`);
  if (before !== after) throw new CommandFailure("the file came back changed");
  return `${formatBytes(FILE_BYTES)} there and back, the same bytes`;
}

async function timed(report: Report, what: string, perform: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  await perform();
  const durationMs = performance.now() - startedMs;
  report.line(`${what.padEnd(5)}  ${durationMs.toFixed(1)} ms, ${formatBytes((FILE_BYTES * 1000) / durationMs)}/s`);
}

async function sha256(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

/** Many processes at once, each with its own output. */
export async function burst(executor: Executor, report: Report): Promise<string> {
  const startedMs = performance.now();
  const numbers = Array.from({ length: BURST }, (_, index) => index);
  const results = await Promise.all(
    numbers.map((number) => executor.run(["/bin/sh", "-c", 'echo "$0"', String(number)])),
  );
  const durationMs = performance.now() - startedMs;
  const mixedUp = results.filter(({ stdout }, index) => stdout !== `${index}\n`).length;
  report.line(`${results.map(({ stdout }) => stdout.trim()).join(" ")}`);
  if (mixedUp > 0) throw new CommandFailure(`${mixedUp} of ${BURST} outputs are not their own`);
  return `${BURST} processes at once, each with its own output, ${Math.round((BURST * 1000) / durationMs)} per second`;
}
