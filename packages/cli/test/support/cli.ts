import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { atEndOfFile } from "./end-of-file.ts";

/** The real program. */
export const BIN = fileURLToPath(new URL("../../bin/holdfast.mjs", import.meta.url));

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What its stdin is: nothing, a pipe with these bytes and an end, or a pipe that stays open. Default: nothing. */
  readonly stdin?: Uint8Array | string | "open-pipe";
  /**
   * Whether the test looks at what it holds open. A program that keeps its memory private shows that to root alone: where the test is
   * not root, it is started in a user namespace, whose maker is root to it. Linux only.
   */
  readonly isLookedInto?: boolean;
  /** Path of a program in place of the real one. */
  readonly program?: string;
}

const IN_NAMESPACE = ["unshare", "--user", "--map-root-user"];

function needsNamespace({ isLookedInto = false }: CliOptions): boolean {
  return isLookedInto && process.getuid?.() !== 0;
}

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

let state: string | undefined;

/** What the programs of one file of tests keep, so that none of it stays in the home of whoever runs them. */
function stateFolder(): string {
  if (state !== undefined) return state;
  const made = mkdtempSync(join(tmpdir(), "holdfast-state-"));
  state = made;
  atEndOfFile(() => {
    state = undefined;
    rmSync(made, { recursive: true, force: true });
  });
  return made;
}

/**
 * The environment of the tests, without what would tell the program where to work or where to find packages, or that `nohup`
 * started it.
 */
export function testEnvironment(): NodeJS.ProcessEnv {
  const { HOLDFAST_URL: _url, CODEX_EXEC_SERVER_URL: _codexUrl, NODE_PATH: _paths, _: _program, ...rest } = process.env;
  // No test leaves a process behind that outlives it, unless it is about that.
  return { ...rest, XDG_STATE_HOME: stateFolder(), HOLDFAST_BACKGROUND: "0" };
}

/** A running `holdfast`. Killed when disposed. */
export class Cli implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #out: Buffer[] = [];
  readonly #err: Buffer[] = [];
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], options: CliOptions = {}) {
    const launcher = needsNamespace(options) ? IN_NAMESPACE : [];
    const [program = process.execPath, ...words] = [...launcher, process.execPath, options.program ?? BIN, ...args];
    this.child = spawn(program, words, {
      cwd: options.cwd,
      env: { ...testEnvironment(), ...options.env },
      stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    this.#closed = once(this.child, "close");
    this.child.stdout?.on("data", (chunk: Buffer) => this.#out.push(chunk));
    this.child.stderr?.on("data", (chunk: Buffer) => this.#err.push(chunk));
    this.child.stdin?.on("error", () => {});
    if (options.stdin !== undefined && options.stdin !== "open-pipe") this.child.stdin?.end(options.stdin);
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#out);
  }

  get stderr(): string {
    return Buffer.concat(this.#err).toString();
  }

  async result(): Promise<CliResult> {
    await this.#closed;
    const { exitCode: code, signalCode: signal } = this.child;
    return { code, signal, stdout: this.stdout, stderr: this.stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.#closed;
  }
}

/** Run it to its end. */
export async function holdfast(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  await using cli = new Cli(args, options);
  return await cli.result();
}

/** Start `holdfast serve` and wait for the URL it prints. */
export async function serve(options: CliOptions & { readonly args?: readonly string[] } = {}) {
  // From inside a user namespace, nobody outside can be told from others.
  const admission = needsNamespace(options) ? ["--allow-other-local-users"] : [];
  const cli = new Cli(["serve", ...admission, ...(options.args ?? [])], options);
  const { stdout } = cli.child;
  if (stdout === null) throw new Error("stdout is no pipe");
  const [url] = (await once(createInterface({ input: stdout }), "line")) as [string];
  return Object.assign(cli, { url });
}

/** Every byte value, many times, in an order without a short period. */
export function everyByte(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 167 + (index >> 8)) & 0xff;
  return bytes;
}

export function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
