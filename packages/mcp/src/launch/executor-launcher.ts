import type { Executor, RunningProcess } from "@holdfast/exec-client";
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
    lastNumber += 1;
    const processId = `mcp-stdio-${lastNumber}`;
    const { holdfastProcessEnding } = this.#executor.environment.capabilities;
    const process = await this.#executor.processes.start(
      // Not `stdin: "pipe"`: on releases of Codex that would put a shell before the server, for an end of input that its executor can't give.
      {
        ...command,
        processId,
        pipeStdin: true,
        terminateOnClose: true,
        // Nobody is left to end it when this program is killed.
        maxDetachedMs: holdfastProcessEnding ? OUTLIVES_LINE_MS : undefined,
      },
      { signal },
    );
    return new ExecutorProcess(process);
  }
}

class ExecutorProcess implements ServerProcess {
  readonly messages: AsyncIterable<string>;
  readonly complaints: AsyncIterable<string>;
  readonly #process: RunningProcess;
  #ending: Promise<void> | undefined;

  constructor(process: RunningProcess) {
    this.#process = process;
    this.messages = readAtOnce(process.lines({ maxLineBytes: MESSAGE_MAX_BYTES }));
    this.complaints = readAtOnce(complaintsOf(process.stderrText));
  }

  get id(): string {
    return this.#process.id;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get exited(): Promise<{ readonly exitCode: number }> {
    return this.#process.exited;
  }

  write(text: string): Promise<void> {
    return this.#process.write(text);
  }

  end(): Promise<void> {
    this.#ending ??= this.#process.end({ graceMs: END_GRACE_MS }).catch((error: unknown) => {
      this.#ending = undefined;
      throw error;
    });
    return this.#ending;
  }
}
