import type { ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { endChild } from "../owned.ts";
import { HOLDFAST_BIN, temporaryFolder } from "../places.ts";
import { FarLine } from "./far-line.ts";
import { Host, whyNoHosts } from "./host.ts";
import type { FarOptions } from "./options.ts";

const TERMINAL_USER = fileURLToPath(new URL("./terminal-user.ts", import.meta.url));

const DEVICE = "line";
const LINE = { device: DEVICE, oneWayMs: 40, loss: 0.01 };
const NEAR_ADDRESS = "10.87.0.1/24";
const NEAR_ADDRESS_LATER = "10.87.0.77/24";
const FAR_ADDRESS = "10.87.0.2";
const URL_THERE = `ws://${FAR_ADDRESS}:7070`;

/** What passes undisturbed before the cut. */
const BEFORE_MS = 2_000;
/** Everything has to be over this long after the line is back. */
const PATIENCE_MS = 180_000;
/** How long clients try for a lost line: longer than any cut. */
const RECOVER_S = 4_000;
const MIB = 1_048_576;

/** Something that is under way while the line is cut. */
interface Work {
  readonly name: string;
  /** Resolves when it does what it is to do. */
  readonly begun: Promise<unknown>;
  /** Let it come to its end. */
  finish(): Promise<void> | void;
  /** Resolves with what was seen. @throws Error something is missing. */
  readonly done: Promise<string>;
}

type Log = (line: string) => void;

/** Everything that a person would have under way over a bad line, through an outage and a change of address. @returns whether all of it held. */
export async function runFar({ outageMs, copyMiB, ifPossible }: FarOptions, log: Log): Promise<boolean> {
  const why = whyNoHosts();
  if (why !== undefined) {
    log(`not run: ${why}`);
    return ifPossible;
  }
  await using folder = await temporaryFolder();
  await using near = new Host();
  await using far = new Host();
  await using line = new FarLine(near, far, LINE);
  try {
    await Promise.all([near.ready(), far.ready()]);
    line.open();
    await placeAt(near, NEAR_ADDRESS);
    await placeAt(far, `${FAR_ADDRESS}/24`);
  } catch (error) {
    if (!ifPossible) throw error;
    log(`not run: the hosts could not be made: ${error instanceof Error ? error.message : String(error)}`);
    return true;
  }
  const server = await serveOn(far, folder.path);
  try {
    const works = [
      commandOn(near, folder.path),
      terminalOn(near, folder.path),
      copyOn(near, folder.path, { name: "up", bytes: copyMiB * MIB }),
      copyOn(near, folder.path, { name: "down", bytes: copyMiB * MIB }),
    ];
    const verdicts = works.map((work) => verdictOf(work));
    // One that fails first never begins.
    await Promise.all(works.map(({ begun }, index) => Promise.race([begun, verdicts[index]])));
    await pause(BEFORE_MS);
    line.isCut = true;
    await pause(outageMs / 2);
    near.takeAddress(DEVICE, NEAR_ADDRESS_LATER);
    await pause(outageMs / 2);
    line.isCut = false;
    const backMs = performance.now();
    await Promise.all(works.map((work) => work.finish()));
    const results = await withinPatience(Promise.all(verdicts));
    for (const { text } of results) log(text);
    const seconds = ((performance.now() - backMs) / 1_000).toFixed(1);
    log(
      `line cut for ${outageMs / 1_000} s, over ${seconds} s after it was back; ${line.lost} of ${line.packets} packets lost`,
    );
    return results.every(({ holds }) => holds);
  } finally {
    await endChild(server);
  }
}

/** @throws Error it took too long. */
async function withinPatience<T>(work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const tooLong = pause(PATIENCE_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error(`not over ${PATIENCE_MS / 1_000} s after the line was back`);
  });
  tooLong.catch(() => {});
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    over.abort();
  }
}

async function verdictOf({ name, done }: Work): Promise<{ readonly holds: boolean; readonly text: string }> {
  try {
    return { holds: true, text: `  holds     ${name}: ${await done}` };
  } catch (error) {
    return { holds: false, text: `  VIOLATED  ${name}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The interface is there a moment after the program that makes it was started. */
async function placeAt(host: Host, address: string): Promise<void> {
  const lookAgainMs = 50;
  for (let tries = 100; ; tries -= 1) {
    try {
      host.takeAddress(DEVICE, address);
      return;
    } catch (error) {
      if (tries === 0) throw error;
    }
    await pause(lookAgainMs);
  }
}

function holdfast(host: Host, folder: string, words: readonly string[]): ChildProcess {
  const env = { ...process.env, HOLDFAST_BACKGROUND: "0" };
  return host.spawn([process.execPath, HOLDFAST_BIN, ...words], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function serveOn(host: Host, folder: string): Promise<ChildProcess> {
  const ttl = String(RECOVER_S);
  const words = ["serve", "--listen", URL_THERE, "--allow-unauthenticated-network", "--session-ttl", ttl];
  const server = keepStderr(holdfast(host, folder, words));
  await firstLine(server, "the executor");
  return server;
}

async function firstLine(child: ChildProcess, what: string): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error(`${what} has no pipe`);
  const isGone = once(child, "exit").then(() => {
    throw new Error(`${what} ended: ${stderrOf(child)}`);
  });
  const [line] = (await Promise.race([once(createInterface({ input: stdout }), "line"), isGone])) as [string];
  return line;
}

const texts = new WeakMap<ChildProcess, string>();

function stderrOf(child: ChildProcess): string {
  return (texts.get(child) ?? "").trim();
}

function keepStderr(child: ChildProcess): ChildProcess {
  child.stderr?.setEncoding("utf8").on("data", (text: string) => texts.set(child, (texts.get(child) ?? "") + text));
  return child;
}

async function exitOf(child: ChildProcess, what: string): Promise<void> {
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0) throw new Error(`${what} ended with ${signal ?? code}: ${stderrOf(child)}`);
}

/** A command that counts until a file appears. */
function commandOn(host: Host, folder: string): Work {
  const stop = join(folder, "stop");
  const script = 'i=0; while [ ! -e "$1" ]; do i=$((i+1)); echo "line $i"; sleep 0.02; done; echo "end $i"; exit 7';
  const words = ["--url", URL_THERE, "--recover-for", String(RECOVER_S), "--", "sh", "-c", script, "sh", stop];
  const child = keepStderr(holdfast(host, folder, ["exec", ...words]));
  const { stdout } = child;
  if (stdout === null) throw new Error("the command has no pipe");
  let text = "";
  stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return {
    name: "a command",
    begun: once(stdout, "data"),
    finish: () => writeFile(stop, ""),
    done: once(child, "close").then(([code]) => {
      const lines = text.trimEnd().split("\n");
      const last = lines.pop();
      const wrong = lines.findIndex((line, index) => line !== `line ${index + 1}`);
      if (wrong !== -1) throw new Error(`in place of line ${wrong + 1} came ${lines[wrong]}`);
      if (last !== `end ${lines.length}`)
        throw new Error(`after ${lines.length} lines came ${last}: ${stderrOf(child)}`);
      if (code !== 7) throw new Error(`its exit code 7 became ${code}: ${stderrOf(child)}`);
      return `${lines.length} lines in order, exit code ${code}`;
    }),
  };
}

function terminalOn(host: Host, folder: string): Work {
  const words = [process.execPath, TERMINAL_USER, URL_THERE, String(RECOVER_S * 1_000)];
  const child = keepStderr(host.spawn(words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }));
  const { stdout } = child;
  if (stdout === null) throw new Error("the terminal has no pipe");
  let text = "";
  stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return {
    name: "a terminal",
    begun: once(stdout, "data"),
    finish: () => void child.kill("SIGTERM"),
    done: exitOf(child, "it").then(() => `${text.trim().split("\n").at(-1)} lines typed and echoed`),
  };
}

function copyOn(
  host: Host,
  folder: string,
  { name, bytes }: { readonly name: "up" | "down"; readonly bytes: number },
): Work {
  const from = join(folder, `${name}-from`);
  const to = join(folder, `${name}-to`);
  const paths = name === "up" ? [from, `remote:${to}`] : [`remote:${from}`, to];
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const copy = async (): Promise<string> => {
    const content = randomBytes(bytes);
    await writeFile(from, content);
    const words = ["cp", "--url", URL_THERE, "--recover-for", String(RECOVER_S), ...paths];
    const child = keepStderr(holdfast(host, folder, words));
    resolve();
    await exitOf(child, "it");
    if (digestOf(await readFile(to)) !== digestOf(content)) throw new Error("other bytes arrived");
    return `${bytes / MIB} MiB, the same bytes`;
  };
  return { name: `a copy ${name}`, begun, finish: () => {}, done: copy() };
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
