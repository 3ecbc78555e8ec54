import { type Executor, ProcessInputError, type RunningProcess } from "@holdfast/exec-client";
import { END_GRACE_MS, MESSAGE_MAX_BYTES, OUTLIVES_LINE_MS } from "../limits.ts";
import { complaintsOf } from "./complaints.ts";
import { readAtOnce } from "./read-at-once.ts";
import type { ServerCommand, ServerLauncher, ServerProcess } from "./server-process.ts";

let lastNumber = 0;

/**
 * Starts servers on an executor, be it this machine's or another's: one way to start them, and one to end them.
 *
 * It moves bytes alone; the protocol of the servers is spoken here.
 */
export class ExecutorLauncher implements ServerLauncher {
  readonly #executor: Executor;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  async launch(command: ServerCommand, signal: AbortSignal): Promise<ServerProcess> {
    signal.throwIfAborted();
    lastNumber += 1;
    const processId = `mcp-stdio-${lastNumber}`;
    const { holdfastProcessEnding } = this.#executor.environment.capabilities;
    // It takes no signal: a start that was sent is one, and to be ended by its owner, who is told when that is done.
    const process = await this.#executor.processes.start({
      ...command,
      processId,
      // Not `stdin: "pipe"`: on releases of Codex that would put a shell before the server, for an end of input that its executor can't give.
      pipeStdin: true,
      terminateOnClose: true,
      // Nobody is left to end it when this program is killed.
      maxDetachedMs: holdfastProcessEnding ? OUTLIVES_LINE_MS : undefined,
    });
    return new ExecutorProcess(process);
  }
}

class ExecutorProcess implements ServerProcess {
  readonly id: string;
  readonly pid: number | undefined;
  readonly messages: AsyncIterable<string>;
  readonly complaints: AsyncIterable<string>;
  readonly exited: Promise<{ readonly exitCode: number }>;
  /** Let go of with its end: whoever still refers to this is not to keep what the server wrote. */
  #process: RunningProcess | undefined;
  #ending: Promise<void> | undefined;

  constructor(process: RunningProcess) {
    this.#process = process;
    this.id = process.id;
    this.pid = process.pid;
    this.messages = readAtOnce(process.lines({ maxLineBytes: MESSAGE_MAX_BYTES }));
    this.complaints = readAtOnce(complaintsOf(process.stderrText));
    this.exited = process.exited.then(({ exitCode }) => ({ exitCode }));
    this.exited.catch(() => {});
  }

  async write(text: string): Promise<void> {
    if (this.#process === undefined) throw new ProcessInputError("exited", this.id);
    await this.#process.write(text);
  }

  end(): Promise<void> {
    this.#ending ??= this.#end().catch((error: unknown) => {
      this.#ending = undefined;
      throw error;
    });
    return this.#ending;
  }

  async #end(): Promise<void> {
    await this.#process?.end({ graceMs: END_GRACE_MS, forget: true });
    this.#process = undefined;
  }
}
