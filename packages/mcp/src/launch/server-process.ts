import type { StartOptions } from "@holdfast/exec-client";

/** A running server, wherever it runs: what it says, what it is told, and its end. */
export interface ServerProcess {
  /** Name that its executor knows it by. */
  readonly id: string;
  /** Its id on its machine; undefined where the executor does not tell. */
  readonly pid: number | undefined;
  /** What it says, line by line, to the end of its output. To be read once. */
  readonly messages: AsyncIterable<string>;
  /** What it writes to stderr, line by line; long ones are cut. To be read once. */
  readonly complaints: AsyncIterable<string>;
  /** Resolves when it has exited; what it left running may still write. Rejects when that can't be known any more. */
  readonly exited: Promise<{ readonly exitCode: number }>;
  /**
   * Resolves once its executor has the bytes, which does not mean that the server read them.
   *
   * @throws ProcessInputError - It takes no input any more. @throws LinkError - Its executor is out of reach for good.
   */
  write(text: string): Promise<void>;
  /**
   * End it and all that it started: it is asked (end of input, SIGTERM to its group), has 2 s, and then whatever is left is killed, also what
   * left its group. Resolves when that is done. Idempotent; once it has rejected, it may be tried again.
   *
   * @throws LinkError - Its executor is out of reach, which then ends it by itself.
   */
  end(): Promise<void>;
}

/** What is to be started, in the words of an executor. */
export type ServerCommand = Pick<StartOptions, "argv" | "cwd" | "env" | "envPolicy">;

/** Starts servers in one place. */
export interface ServerLauncher {
  /**
   * @param signal - Aborted before: nothing is started. A start that is on its way goes on, for its owner to end.
   * @throws StartError - Its executor refused, or its system did.
   */
  launch(command: ServerCommand, signal: AbortSignal): Promise<ServerProcess>;
}
