import type { IncomingMessage } from "node:http";
import { isLoopbackAddress } from "./connection-ends.ts";
import { pathOf } from "./http-answer.ts";
import { peerNameOf } from "./peer-name.ts";

/** A request that is no handshake. */
export class InboundRequest {
  readonly #request: IncomingMessage;
  readonly method: string;
  /** As it came, still encoded, without its query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Address and port it came from. */
  readonly peerName: string;
  /** The address alone. */
  readonly remoteAddress: string;

  constructor(request: IncomingMessage) {
    this.#request = request;
    this.method = request.method ?? "";
    this.path = pathOf(request);
    this.headers = request.headers;
    this.peerName = peerNameOf(request.socket);
    this.remoteAddress = request.socket.remoteAddress ?? "";
  }

  get isFromLoopback(): boolean {
    return isLoopbackAddress(this.remoteAddress);
  }

  /**
   * Read its body.
   *
   * @returns undefined for one of more bytes than `maxBytes`: no more of it is read.
   * @throws Error - The connection was lost on the way.
   */
  async body(maxBytes: number): Promise<Buffer | undefined> {
    if (Number(this.headers["content-length"] ?? 0) > maxBytes) return undefined;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.#request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
  }
}
