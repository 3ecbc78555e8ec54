import { LineTooLongError, ProcessInputError } from "@holdfast/exec-client";
import type { Clock } from "@holdfast/rpc";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import type { ServerProcess } from "../launch/server-process.ts";
import { EXIT_LINGER_MS, LATE_NEWS_MS, UNSENT_MAX_BYTES } from "../limits.ts";
import { reasonOf } from "../reason-of.ts";
import { messageOf } from "./message-of.ts";

type Exit = ServerProcess["exited"];

/**
 * The messages of a server that is a process: one on each line of its stdin and stdout.
 *
 * The process is not its own: closing ends the conversation, and no more.
 */
export class ProcessTransport implements Transport {
  onclose: (() => void) | undefined;
  onerror: ((error: Error) => void) | undefined;
  onmessage: Transport["onmessage"];
  /** Let go of when it is closed. */
  #process: ServerProcess | undefined;
  readonly #clock: Clock;
  readonly #heard: Promise<void>;
  #unsentBytes = 0;
  #closeReason: string | undefined;

  /** @param options.heard - Resolves when its stderr was read to the end: its last words say why it ended. */
  constructor(process: ServerProcess, options: { readonly clock: Clock; readonly heard: Promise<void> }) {
    this.#process = process;
    this.#clock = options.clock;
    this.#heard = options.heard;
  }

  /** Why the server closed it; undefined while it has not, and when it was closed here. */
  get closeReason(): string | undefined {
    return this.#closeReason;
  }

  async start(): Promise<void> {
    if (this.#process === undefined) return;
    const { messages, exited } = this.#process;
    void this.#read(messages, exited);
    void this.#closeAfterExit(exited);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const process = this.#process;
    if (process === undefined) throw new Error(this.#closeReason ?? "the connection to the server was closed");
    const line = `${JSON.stringify(message)}\n`;
    const bytes = Buffer.byteLength(line);
    if (this.#unsentBytes > 0 && this.#unsentBytes + bytes > UNSENT_MAX_BYTES) {
      throw new Error(`the server does not read its input: ${this.#unsentBytes} bytes wait for it already`);
    }
    this.#unsentBytes += bytes;
    try {
      await process.write(line);
    } catch (error) {
      if (error instanceof ProcessInputError) this.#close(await this.#endOfInput(error, process.exited));
      throw error;
    } finally {
      this.#unsentBytes -= bytes;
    }
  }

  async close(): Promise<void> {
    this.#close();
  }

  async #read(messages: ServerProcess["messages"], exited: Exit): Promise<void> {
    try {
      for await (const line of messages) {
        if (this.#process === undefined) return;
        // What is none is what servers print by mistake: it goes unheard.
        const message = messageOf(line);
        if (message !== undefined) this.onmessage?.(message);
      }
      const how = await howItEnded(exited);
      await this.#orLater(this.#heard);
      this.#close(how);
    } catch (error) {
      this.#close(
        error instanceof LineTooLongError
          ? `the server sent more than ${error.maxLineBytes} bytes in one message`
          : reasonOf(error),
      );
    }
  }

  /** What a server left running may hold its output open for ever. */
  async #closeAfterExit(exited: Exit): Promise<void> {
    const how = await howItEnded(exited);
    this.#clock.after(EXIT_LINGER_MS, () => this.#close(how));
  }

  /** Its exit may be told a moment later, and it may have closed its input alone. */
  async #endOfInput(error: ProcessInputError, exited: Exit): Promise<string> {
    const how = error.code === "exited" ? await this.#orLater(howItEnded(exited)) : undefined;
    return how ?? "the server takes no input any more";
  }

  /** What comes within a moment; undefined when it does not. */
  async #orLater<News>(news: Promise<News>): Promise<News | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = this.#clock.after(LATE_NEWS_MS, () => resolve(undefined));
    try {
      return await Promise.race([news, late]);
    } finally {
      timer.cancel();
    }
  }

  #close(reason?: string): void {
    if (this.#process === undefined) return;
    this.#process = undefined;
    this.#closeReason = reason;
    this.onclose?.();
  }
}

async function howItEnded(exited: Exit): Promise<string> {
  try {
    const { exitCode } = await exited;
    return `the server ended with exit code ${exitCode}`;
  } catch (error) {
    return reasonOf(error);
  }
}
