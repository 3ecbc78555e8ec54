import { once } from "node:events";
import { WebSocket } from "ws";

const FRAGMENT_BYTES = 8 * 1_048_576;

interface AskOptions {
  readonly patienceMs?: number;
  /** JSON of the id, in place of the line's own. */
  readonly rawId?: string | undefined;
}

/** A line that sends requests as they are and waits for their answers, looking at neither. */
export class CostLine {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, () => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("close", () => this.#release());
    socket.on("message", (message: Buffer) => {
      const head = message.subarray(0, 64).toString("latin1");
      if (!head.startsWith('{"id":')) return;
      const id = Number(/^\{"id":(\d+),/.exec(head)?.[1]);
      // What could not be read as a request, or had a strange id, belongs to whatever was asked last.
      if (this.#waiting.has(id)) this.#answered(id);
      else this.#release();
    });
  }

  static async open(url: string): Promise<CostLine> {
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 2 ** 30 });
    const line = new CostLine(socket);
    await once(socket, "open");
    await line.ask("initialize", { clientName: "cost" });
    socket.send(JSON.stringify({ method: "initialized", params: {} }));
    return line;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Resolves with the answer, whatever it says, at the end of the line, or after `patienceMs`. */
  async ask(
    method: string,
    params: object,
    { patienceMs = 30_000, rawId }: AskOptions = {},
  ): Promise<"answered" | "waits"> {
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve } = Promise.withResolvers<"answered" | "waits">();
    const timer = setTimeout(() => {
      this.#waiting.delete(id);
      resolve("waits");
    }, patienceMs);
    this.#waiting.set(id, () => {
      clearTimeout(timer);
      resolve("answered");
    });
    this.#send(Buffer.from(`{"id":${rawId ?? id},${JSON.stringify({ method, params }).slice(1)}`));
    return promise;
  }

  close(): void {
    this.#socket.terminate();
  }

  #send(message: Buffer): void {
    for (let start = 0; start < message.length; start += FRAGMENT_BYTES) {
      const end = start + FRAGMENT_BYTES;
      this.#socket.send(message.subarray(start, end), { fin: end >= message.length, binary: false });
    }
  }

  #answered(id: number): void {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }

  #release(): void {
    for (const id of [...this.#waiting.keys()]) this.#answered(id);
  }
}
