import {
  type ExecCommandArgs,
  type SandboxExecResult,
  SandboxPtySessionNotFoundError,
  SandboxUnsupportedFeatureError,
  type WriteStdinArgs,
} from "@openai/agents/sandbox";
import { Command } from "./command.ts";
import type { Workspace } from "./workspace.ts";

const EXEC_YIELD_MS = 10_000;
const WRITE_YIELD_MS = 250;
/** Commands that have ended and that nobody has looked at since; of more, the oldest are forgotten. */
const ENDED_MAX_COMMANDS = 64;
const CTRL_C = "\u0003";

/** The commands of a session: those that run on have a number. */
export class Commands {
  readonly #workspace: Workspace;
  readonly #numbered = new Map<number, Command>();
  /** All that are not over, those whose descendants run on included. */
  readonly #started = new Set<Command>();
  #lastNumber = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  async exec(args: ExecCommandArgs, env: Readonly<Record<string, string>>): Promise<SandboxExecResult> {
    const startedAt = performance.now();
    const { executor, sandbox } = this.#workspace;
    const shell = args.shell ?? executor.environment.shell.path;
    const tty = args.tty ?? false;
    const process = await executor.processes.start({
      argv: [shell, ...((args.login ?? true) ? ["-l"] : []), "-c", args.cmd],
      cwd: this.#workspace.place(args.workdir),
      env,
      sandbox,
      user: args.runAs,
      // Without a terminal stdin is empty: of an open pipe `rg PATTERN` and many others would read, and wait for ever.
      tty,
    });
    const command = new Command(process, tty);
    this.#started.add(command);
    process.closed.then(
      () => this.#started.delete(command),
      () => {},
    );
    const look = { yieldTimeMs: args.yieldTimeMs ?? EXEC_YIELD_MS, maxOutputTokens: args.maxOutputTokens };
    const result = await command.look(look, startedAt);
    if (result.exitCode !== undefined) return result;
    this.#lastNumber += 1;
    this.#numbered.set(this.#lastNumber, command);
    const ended = [...this.#numbered].filter(([, { isFinished }]) => isFinished);
    for (const [number] of ended.slice(0, -ENDED_MAX_COMMANDS)) this.#numbered.delete(number);
    return { ...result, sessionId: this.#lastNumber };
  }

  /**
   * @throws SandboxPtySessionNotFoundError - No command has that number, or its end was told.
   * @throws SandboxUnsupportedFeatureError - It has no terminal, and so an empty stdin.
   */
  async write({ sessionId, chars = "", ...look }: WriteStdinArgs): Promise<SandboxExecResult> {
    const startedAt = performance.now();
    const command = this.#numbered.get(sessionId);
    if (command === undefined) {
      const message = `no command runs with session ID ${sessionId}: it has ended, or there never was one; start another`;
      throw new SandboxPtySessionNotFoundError(message);
    }
    const input = command.hasTerminal ? chars : chars.replaceAll(CTRL_C, "");
    // To a command that has just ended, nothing can be written; its end is told below.
    if (input !== "" && command.hasTerminal) await command.process.write(input).catch(() => {});
    if (input !== "" && !command.hasTerminal && !command.isFinished) {
      const message = `the command with session ID ${sessionId} has an empty stdin; start it with tty: true to write to it`;
      throw new SandboxUnsupportedFeatureError(message);
    }
    // Only a terminal reads it as an interrupt.
    if (input !== chars) await command.process.interrupt();
    const { yieldTimeMs = WRITE_YIELD_MS, maxOutputTokens } = look;
    const result = await command.look({ yieldTimeMs, maxOutputTokens }, startedAt);
    if (result.exitCode === undefined) return { ...result, sessionId };
    this.#numbered.delete(sessionId);
    return result;
  }

  /** End all of them, and what they left running. */
  async stop(): Promise<void> {
    const commands = [...this.#started];
    this.#started.clear();
    this.#numbered.clear();
    await Promise.all(commands.map(({ process }) => process[Symbol.asyncDispose]()));
  }
}
