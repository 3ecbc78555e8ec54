import type { RunningProcess } from "./running-process.ts";

/** What a listener stands on. */
interface ProcessListenerParts {
  readonly host: string | undefined;
  readonly port: number | undefined;
  accept(signal: AbortSignal | undefined): Promise<RunningProcess>;
  close(): Promise<unknown>;
}

/**
 * A port or a unix socket of the executor's machine whose connections come here. Made by `processes.listen`.
 *
 * It outlives a lost line: what connects meanwhile waits. It ends with the session, at the latest when the executor gives that up.
 */
export class ProcessListener implements AsyncDisposable {
  /** Address that it listens on; undefined for a unix socket. */
  readonly host: string | undefined;
  /** Port that it listens on; undefined for a unix socket. */
  readonly port: number | undefined;
  readonly #parts: ProcessListenerParts;

  /** Made by `processes.listen`. */
  constructor(parts: ProcessListenerParts) {
    this.host = parts.host;
    this.port = parts.port;
    this.#parts = parts;
  }

  /**
   * Wait for the next connection, which is a process as that of `openConnection` is. Several may wait at once, 64 at most; more are worth it where many
   * connect at once, over a line with a long way.
   *
   * @throws RemoteError - −32600: it was closed. @throws LinkError - The executor is out of reach. Named `AbortError` or `TimeoutError`: by `signal`.
   */
  accept(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<RunningProcess> {
    return this.#parts.accept(options.signal);
  }

  /** Listen no more. Connections that wait are reset, those that were accepted go on. Waits for a line, if there is none. */
  async close(): Promise<void> {
    await this.#parts.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
