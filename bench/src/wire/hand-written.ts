import { once } from "node:events";
import { WebSocket } from "ws";

/** A notice of the executor. */
export interface HandNotice {
  readonly method: string;
  readonly params: { readonly [member: string]: unknown };
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * What one writes to speak the wire without a client library: a websocket of `ws`, `JSON.parse` of every message, and the
 * caller decodes base64 with `Buffer.from`. It checks nothing, mends nothing, and holds nothing back.
 */
export class HandWrittenClient implements AsyncDisposable {
  readonly #webSocket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  /** Told of every notice. */
  onNotice: (notice: HandNotice) => void = () => {};

  private constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket;
    webSocket.on("message", (data) => this.#receive(JSON.parse(String(data))));
    webSocket.on("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the peer closed the connection"));
    });
  }

  static async connect(url: string): Promise<HandWrittenClient> {
    const webSocket = new WebSocket(url, { perMessageDeflate: false });
    await once(webSocket, "open");
    const client = new HandWrittenClient(webSocket);
    await client.call("initialize", { clientName: "hand-written" });
    webSocket.send('{"method":"initialized","params":{}}');
    return client;
  }

  call<T>(method: string, params: unknown): Promise<T> {
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#webSocket.send(JSON.stringify({ id, method, params }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#webSocket.terminate();
  }

  #receive(message: {
    readonly id?: number;
    readonly result?: never;
    readonly error?: { readonly message: string };
  }): void {
    const { id, result, error } = message;
    if (id === undefined) {
      this.onNotice(message as unknown as HandNotice);
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result as never);
    else waiting?.reject(new Error(error.message));
  }
}
