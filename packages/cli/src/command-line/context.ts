import type { ReadStream } from "node:tty";

/** What a command may use of the process it runs in. Only `main` reads the real thing. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Absolute native path.
   *
   * @throws CommandFailure the folder is gone. Read it only where it is needed.
   */
  readonly cwd: string;
  /** Opened on first use: a command that wants no input leaves it alone. */
  readonly stdin: NodeJS.ReadStream & Partial<Pick<ReadStream, "setRawMode">>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}
