import type { Readable, Writable } from "node:stream";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";

/** Bytes of the longest message that is read. A longer one ends the connection, because nobody can say which call it was. */
export const MESSAGE_MAX_BYTES = 16_777_216;

/** That of the SDK, which tells when it is closed, whatever the reason. */
export class StdioTransport extends StdioServerTransport {
  readonly #closed = Promise.withResolvers<void>();

  constructor(input: Readable, output: Writable) {
    super(input, output, { maxBufferSize: MESSAGE_MAX_BYTES });
  }

  /** Never rejects. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#closed.resolve();
  }
}
