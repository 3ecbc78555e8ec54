/** A message as it stands on the wire. */
export interface WireMessage {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** How the far end closed the line. */
export interface WireClose {
  /** Of a websocket; other lines have none. */
  readonly code?: number | undefined;
  readonly reason: string;
}

/** Nothing arrived in time. */
export class WireTimeoutError extends Error {
  override readonly name = "WireTimeoutError";
}

const ANSWER_MS = 10_000;

/**
 * A client that speaks raw messages over any line: it sends what it is told, right or wrong, and keeps what arrived, so that a
 * test can look at the wire itself. Whoever owns the line hands it what comes.
 */
export class WireClient {
  readonly #sendFrame: (frame: string | Uint8Array) => void;
  readonly #received: WireMessage[] = [];
  readonly #wakers = new Set<() => void>();
  readonly #asked = new Map<number, (answer: WireMessage | undefined) => void>();
  readonly #closed = Promise.withResolvers<WireClose>();
  #close: WireClose | undefined;
  #nextId = 1;

  /** @param sendFrame - Puts one frame on the line. */
  constructor(sendFrame: (frame: string | Uint8Array) => void) {
    this.#sendFrame = sendFrame;
  }

  /** Hand over a frame that arrived. */
  receive(frame: string | Uint8Array): void {
    const text =
      typeof frame === "string" ? frame : Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString();
    const message = JSON.parse(text) as WireMessage;
    const answered = message.method === undefined ? this.#asked.get(Number(message.id)) : undefined;
    if (answered === undefined) this.#received.push(message);
    else answered(message);
    this.#wake();
  }

  /** Tell that the line is gone. */
  end(close: WireClose): void {
    this.#close ??= close;
    this.#closed.resolve(this.#close);
    for (const answered of [...this.#asked.values()]) answered(undefined);
    this.#wake();
  }

  /** Everything that arrived, in order, but for the answers of {@link WireClient.ask}. */
  get received(): readonly WireMessage[] {
    return this.#received;
  }

  /** Resolves with the end of the line. */
  get ended(): Promise<WireClose> {
    return this.#closed.promise;
  }

  /** Put bytes on the line as they are. */
  sendFrame(frame: string | Uint8Array): void {
    this.#sendFrame(frame);
  }

  /** Send a message as JSON, whatever it is. */
  send(message: object): void {
    this.#sendFrame(JSON.stringify(message));
  }

  /** Send a request without waiting. @returns its id. */
  post(method: string, params: unknown): number {
    const id = this.#nextId++;
    this.send({ id, method, params });
    return id;
  }

  /**
   * Send a request and wait for its answer for as long as the line is there. The answer is not kept.
   *
   * @returns undefined when the line ended without one.
   */
  ask(method: string, params: unknown): Promise<WireMessage | undefined> {
    const id = this.#nextId++;
    if (this.#close !== undefined) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<WireMessage | undefined>();
    this.#asked.set(id, (answer) => {
      this.#asked.delete(id);
      resolve(answer);
    });
    this.send({ id, method, params });
    return promise;
  }

  /** The answer to a request that was posted, a success or a failure. */
  answerTo(id: number | string, timeoutMs: number = ANSWER_MS): Promise<WireMessage> {
    return this.first((message) => message.method === undefined && message.id === id, timeoutMs);
  }

  /** Send a request and wait for its answer, a success or a failure. */
  call(method: string, params: unknown, timeoutMs: number = ANSWER_MS): Promise<WireMessage> {
    return this.answerTo(this.post(method, params), timeoutMs);
  }

  /** The first notice of this method about a process, past or future. */
  notice(method: string, processId: string, timeoutMs: number = ANSWER_MS): Promise<WireMessage> {
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
  async first(fits: (message: WireMessage) => boolean, timeoutMs: number = ANSWER_MS): Promise<WireMessage> {
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
    patienceMs: number = ANSWER_MS,
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
  async closed(timeoutMs: number = ANSWER_MS): Promise<WireClose> {
    while (this.#close === undefined) await this.#change(timeoutMs, () => "the line is still open");
    return this.#close;
  }

  /** Resolves as soon as `condition` holds, which is looked at whenever something arrives. */
  async when(condition: () => boolean): Promise<void> {
    if (condition()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (!condition()) return;
      this.#wakers.delete(look);
      resolve();
    };
    this.#wakers.add(look);
    await promise;
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
}
