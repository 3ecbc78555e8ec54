import { WebSocket } from "ws";

/** A notice as it came, with the moment of its arrival (milliseconds, `performance.now`). */
export interface Notice {
  readonly method: string;
  readonly params: { readonly processId: string; readonly [member: string]: unknown };
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The bare wire: JSON over a websocket and nothing else, the same for every peer, so that no client's own speed is measured.
 */
export class WireClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, (notice: Notice) => void>();
  #nextId = 1;
  #nextProcess = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#receive(String(data)));
    socket.on("close", () => {
      for (const { reject } of this.#pending.values()) reject(new Error("the peer closed the connection"));
    });
  }

  static async connect(url: string): Promise<WireClient> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const client = new WireClient(socket);
    await client.call("initialize", { clientName: "bench" });
    socket.send(JSON.stringify({ method: "initialized", params: {} }));
    return client;
  }

  /** A process id that this connection has not used. */
  newProcessId(): string {
    return `p${this.#nextProcess++}`;
  }

  call<T>(method: string, params: unknown): Promise<T> {
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** Hear the notices of one process until the returned function is called. */
  listen(processId: string, heard: (notice: Notice) => void): () => void {
    this.#listeners.set(processId, heard);
    return () => this.#listeners.delete(processId);
  }

  /** Start a process and wait until it is closed. */
  async runToClose(params: Readonly<Record<string, unknown>>): Promise<void> {
    const processId = this.newProcessId();
    const closed = new Promise<void>((resolve) => {
      const stop = this.listen(processId, ({ method }) => {
        if (method !== "process/closed") return;
        stop();
        resolve();
      });
    });
    await this.call("process/start", { processId, cwd: "file:///", env: {}, tty: false, ...params });
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#socket.once("close", resolve);
      this.#socket.close();
      // A peer that is stuck never answers the close.
      setTimeout(() => this.#socket.terminate(), 1_000).unref();
    });
  }

  #receive(text: string): void {
    const message = JSON.parse(text);
    if (message.method !== undefined) {
      this.#listeners.get(message.params?.processId)?.(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error === undefined) pending?.resolve(message.result as never);
    else pending?.reject(new Error(`${message.error.code}: ${message.error.message}`));
  }
}
