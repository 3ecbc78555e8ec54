import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { endChild, ownChild } from "./owned.ts";

/** An executor in a process of its own, listening on loopback. Ended when disposed. */
export interface ServedExecutor extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to stderr so far; the newest 64 KiB. */
  readonly log: () => string;
}

export interface ServeCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Lines of `sh` to run first, in the process that then becomes the program. */
  readonly shellPrelude?: string | undefined;
}

const LOCAL = /^(?:wss?:\/\/127\.0\.0\.1:|unix:\/\/\/)/;
const STARTUP_MS = 20_000;
const LOG_CHARS = 65_536;

type ServerChild = ChildProcessByStdio<null, Readable, Readable>;

function firstLine(child: ServerChild): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no URL within ${STARTUP_MS} ms`)), STARTUP_MS);
    timer.unref();
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`ended with ${signal ?? code} before it printed a URL`)));
    createInterface({ input: child.stdout }).once("line", (line) => {
      clearTimeout(timer);
      resolve(line);
    });
  });
}

/** The program keeps its process id either way, so that ending the child ends the executor. */
function argvOf({ program, args, shellPrelude }: ServeCommand): [string, readonly string[]] {
  return shellPrelude === undefined
    ? [program, args]
    : ["/bin/sh", ["-c", `${shellPrelude}\nexec "$@"`, "sh", program, ...args]];
}

/** Start a program whose first line on stdout is the websocket URL it listens on. */
export async function serveExecutor(command: ServeCommand): Promise<ServedExecutor> {
  const child: ServerChild = ownChild(
    spawn(...argvOf(command), {
      cwd: command.cwd,
      env: command.env,
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-LOG_CHARS);
  });
  try {
    const url = await firstLine(child);
    if (!LOCAL.test(url)) throw new Error(`not a URL of this machine alone: ${url}`);
    return { url, pid: child.pid ?? 0, log: () => log, [Symbol.asyncDispose]: () => endChild(child) };
  } catch (cause) {
    await endChild(child);
    throw new Error(`${command.program} did not serve: ${log.trim()}`, { cause });
  }
}
