import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Release } from "@holdfast/reference-peer";
import { endChild, ownChild } from "../owned.ts";

/** An app server of a release that listens, in a process of its own. Ended when disposed. */
export interface ServedAppServer extends AsyncDisposable {
  /** Where it listens, with its real port. */
  readonly url: string;
  readonly pid: number;
  /** End it without a warning. */
  kill(): Promise<void>;
}

export interface ServeOptions {
  readonly release: Release;
  readonly home: string;
  /** What `--listen` takes. */
  readonly listen: string;
  /** Further arguments. */
  readonly args?: readonly string[] | undefined;
  /** Default: that of this program. */
  readonly cwd?: string | undefined;
  /** Over the variables that it is given otherwise. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

const STARTUP_MS = 30_000;
const LISTENING = /listening on: (ws:\/\/\S+)/;
/** Nothing listens there: whoever wants to go out is refused at once. */
const NO_WAY_OUT = "http://127.0.0.1:9";

/** The environment of a server: it gets nowhere but to this machine. */
export function environmentOf(home: string): Readonly<Record<string, string | undefined>> {
  return {
    ...process.env,
    CODEX_HOME: home,
    RUST_LOG: "error",
    HTTP_PROXY: NO_WAY_OUT,
    HTTPS_PROXY: NO_WAY_OUT,
    ALL_PROXY: NO_WAY_OUT,
    NO_PROXY: "127.0.0.1",
  };
}

/** Start it. On a unix socket, it may take a moment until it listens. */
export async function serveAppServer(options: ServeOptions): Promise<ServedAppServer> {
  const { release, home, listen, args = [], cwd, env } = options;
  const child = ownChild(
    spawn(release.program, ["app-server", "--listen", listen, ...args], {
      cwd,
      env: { ...environmentOf(home), ...env },
      stdio: ["ignore", "ignore", "pipe"],
    }),
  );
  let log = "";
  const { promise: url, resolve, reject } = Promise.withResolvers<string>();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-65_536);
    const bound = LISTENING.exec(log)?.[1];
    if (bound !== undefined) resolve(bound);
  });
  child.once("exit", (code, signal) => reject(new Error(`the app server ended with ${signal ?? code}: ${log}`)));
  const timer = setTimeout(() => reject(new Error(`the app server did not say where it listens: ${log}`)), STARTUP_MS);
  url.catch(() => {}).finally(() => clearTimeout(timer));
  if (listen.startsWith("unix:")) resolve(listen);
  return {
    url: await url,
    pid: child.pid ?? 0,
    kill: async () => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    [Symbol.asyncDispose]: () => endChild(child),
  };
}
