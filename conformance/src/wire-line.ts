import { once } from "node:events";
import { WebSocket } from "ws";

export interface WireMessage {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface WireClose {
  readonly code: number;
  readonly reason: string;
}

const ANSWER_MS = 10_000;

/** Nothing arrived in time. */
export class WireTimeoutError extends Error {
  override readonly name = "WireTimeoutError";
}

/**
 * A websocket to an executor that speaks raw messages: it sends what it is told, right or wrong, and keeps every
 * message that arrived, so that a scenario can look at the wire itself.
 */
export class WireLine implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #received: WireMessage[] = [];
  readonly #wakers = new Set<() => void>();
  #close: WireClose | undefined;
  #nextId = 1;
  #sessionId = "";

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      this.#received.push(JSON.parse(data.toString()) as WireMessage);
      this.#wake();
    });
    socket.on("close", (code, reason) => {
      this.#close = { code, reason: reason.toString() };
      this.#wake();
    });
    socket.on("error", () => {});
  }

  /** Dial; with `handshake` (default) also initialize. */
  static async open(url: string, options: { handshake?: boolean } = {}): Promise<WireLine> {
    const socket = new WebSocket(url, { maxPayload: 1 << 30, perMessageDeflate: false });
    const line = new WireLine(socket);
    await once(socket, "open");
    if (options.handshake ?? true) {
      const { result } = await line.call("initialize", { clientName: "conformance" });
      line.#sessionId = String(result?.sessionId);
      line.send({ method: "initialized", params: {} });
    }
    return line;
  }

  /** Of the session that the handshake made; empty without one. */
  get sessionId(): string {
    return this.#sessionId;
  }

  get received(): readonly WireMessage[] {
    return this.#received;
  }

  sendFrame(frame: string | Uint8Array): void {
    this.#socket.send(frame);
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Send a request without waiting; answers its id. */
  post(method: string, params: unknown): number {
    const id = this.#nextId++;
    this.send({ id, method, params });
    return id;
  }

  answerTo(id: number | string, timeoutMs = ANSWER_MS): Promise<WireMessage> {
    return this.first((message) => message.method === undefined && message.id === id, timeoutMs);
  }

  /** Send a request and wait for its answer, a success or a failure. */
  call(method: string, params: unknown, timeoutMs = ANSWER_MS): Promise<WireMessage> {
    return this.answerTo(this.post(method, params), timeoutMs);
  }

  notice(method: string, processId: string, timeoutMs = ANSWER_MS): Promise<WireMessage> {
    return this.first((message) => message.method === method && message.params?.processId === processId, timeoutMs);
  }

  /** All output of a process so far, in order of sequence numbers. */
  outputOf(processId: string): string {
    const chunks = this.#received
      .filter(({ method, params }) => method === "process/output" && params?.processId === processId)
      .sort((a, b) => Number(a.params?.seq) - Number(b.params?.seq))
      .map(({ params }) => Buffer.from(String(params?.chunk), "base64"));
    return Buffer.concat(chunks).toString("utf8");
  }

  /** The first message, past or future, that fits. */
  async first(fits: (message: WireMessage) => boolean, timeoutMs = ANSWER_MS): Promise<WireMessage> {
    const [found] = await this.collect(1, fits, timeoutMs);
    if (found === undefined) throw new WireTimeoutError("unreachable");
    return found;
  }

  /**
   * The first `count` messages, past or future, that fit.
   *
   * @param patienceMs - How long to wait for each further one.
   */
  async collect(
    count: number,
    fits: (message: WireMessage) => boolean,
    patienceMs = ANSWER_MS,
  ): Promise<WireMessage[]> {
    const found: WireMessage[] = [];
    let looked = 0;
    let deadline = performance.now() + patienceMs;
    for (;;) {
      const before = found.length;
      for (; looked < this.#received.length && found.length < count; looked++) {
        const message = this.#received[looked];
        if (message !== undefined && fits(message)) found.push(message);
      }
      if (found.length === count) return found;
      if (found.length > before) deadline = performance.now() + patienceMs;
      const describe = (): string => `${found.length} of ${count} expected messages`;
      if (this.#close !== undefined) throw new Error(`line closed with ${this.#close.code} after ${describe()}`);
      await this.#change(deadline - performance.now(), describe);
    }
  }

  /** How the far end closed the line. */
  async closed(timeoutMs = ANSWER_MS): Promise<WireClose> {
    let close: WireClose | undefined;
    while (close === undefined) {
      if (this.#close !== undefined) close = this.#close;
      else await this.#change(timeoutMs, () => "the line is still open");
    }
    return close;
  }

  #change(timeoutMs: number, describe: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#wakers.delete(wake);
          reject(new WireTimeoutError(`${describe()} within the time allowed`));
        },
        Math.max(0, timeoutMs),
      );
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      this.#wakers.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, "close");
    this.#socket.terminate();
    await closed;
  }
}
