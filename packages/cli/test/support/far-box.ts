import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import {
  isAlive,
  likeSsh,
  missingForSsh,
  type SshClientOptions,
  startSshServer,
  tempDir,
  until,
} from "@holdfast/testkit";
import { listedProcesses } from "./processes.ts";

/** By a real sshd on loopback, or by a program that runs the words as sshd does. */
export type Way = "sshd" | "a program like ssh";

/** The ways that there are here. */
export const WAYS: readonly Way[] =
  missingForSsh.length === 0 ? ["sshd", "a program like ssh"] : ["a program like ssh"];

export interface FarBoxOptions {
  /** Variables of whoever logs in, over the home and PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Programs in PATH before all others, as lines of a shell. Default: the Node of the tests. */
  readonly programs?: Readonly<Record<string, readonly string[]>>;
  /** Words of a shell that run at a login; only where there is no sshd. */
  readonly login?: string;
  readonly client?: SshClientOptions;
  /** More public keys that may log in, where there is an sshd. */
  readonly authorized?: readonly string[];
}

/** A machine with an empty home, reached as `ssh://box`. */
export interface FarBox extends AsyncDisposable {
  /** For `HOLDFAST_SSH`. */
  readonly ssh: string;
  /** What the command line needs to reach it. */
  readonly env: Readonly<Record<string, string>>;
  /** A path in its home. */
  home(path?: string): string;
  /** The executors that run there. */
  executors(): readonly number[];
}

/** Where the shell finds what the far script and commands use; no Node of the tests is there. */
const SYSTEM_PATH = "/usr/bin:/bin";

export async function farBox(way: Way, options: FarBoxOptions = {}): Promise<FarBox> {
  const folder = await tempDir("far-");
  const home = (path = ""): string => folder.join("home", path);
  const bin = folder.join("bin");
  mkdirSync(home());
  mkdirSync(bin);
  if (options.programs === undefined) symlinkSync(process.execPath, `${bin}/node`);
  for (const [name, lines] of Object.entries(options.programs ?? {})) {
    writeFileSync(`${bin}/${name}`, `#!/bin/sh\n${lines.join("\n")}\n`);
    chmodSync(`${bin}/${name}`, 0o755);
  }
  const env = { HOME: folder.join("home"), PATH: `${bin}:${SYSTEM_PATH}`, ...options.env };
  const stack = new AsyncDisposableStack();
  stack.defer(() => folder[Symbol.asyncDispose]());
  let ssh: string;
  if (way === "sshd") {
    mkdirSync(folder.join("sshd"));
    const server = stack.use(await startSshServer(folder.join("sshd"), { env, authorized: options.authorized }));
    ssh = `ssh -F ${await server.clientConfig(options.client)}`;
  } else {
    ssh = await likeSsh(folder.path, { env, ...(options.login === undefined ? {} : { login: options.login }) });
  }
  const executors = (): readonly number[] =>
    listedProcesses().flatMap(({ pid, command }) =>
      command.includes(` serve --listen unix://${folder.path}/`) ? [pid] : [],
    );
  stack.defer(async () => {
    const left = executors();
    for (const pid of left) process.kill(pid, "SIGTERM");
    await until(() => !left.some(isAlive));
  });
  return {
    ssh,
    env: { HOLDFAST_SSH: ssh, HOLDFAST_URL: "ssh://box" },
    home,
    executors,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
