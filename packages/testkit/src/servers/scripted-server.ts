import { type FrameLine, frameText } from "../bad-frames/frame-line.ts";

/** One call or notice that arrived. */
export interface Received {
  readonly id?: number | string;
  readonly method: string;
  readonly params: Record<string, unknown>;
}

/** Thrown by a handler to answer with an error object. */
export class Refusal extends Error {
  readonly code: number;
  /** Left out of the answer when undefined. */
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** Return this from a handler to leave the call without an answer. */
export const NO_ANSWER = Symbol("no answer");

/** Answers one method: what it returns is the result, a {@link Refusal} it throws is the error. */
export type ScriptedHandler<Params, Server> = (params: Params, server: Server) => unknown;

/** A server that says exactly what a test scripts. It knows no state and checks nothing. */
export class ScriptedServer<Params> {
  /** Every message that arrived, in order. */
  readonly received: Received[] = [];
  /** Every answer that arrived, in order. */
  readonly answers: unknown[] = [];
  /** Why the line ended, once it did. */
  closed: string | undefined;
  readonly #port: FrameLine<unknown, { readonly reason: string }>;
  readonly #handlers: Record<string, ScriptedHandler<Params, this>>;
  readonly #unknown: (method: string) => Refusal;

  constructor(
    port: FrameLine<unknown, { readonly reason: string }>,
    handlers: Record<string, ScriptedHandler<Params, never>>,
    unknown: (method: string) => Refusal,
  ) {
    this.#port = port;
    this.#unknown = unknown;
    this.#handlers = { ...handlers } as Record<string, ScriptedHandler<Params, this>>;
    port.open({
      frame: (frame) => void this.#take(frameText(frame)),
      drained: () => {},
      closed: (close) => {
        this.closed = close.reason;
      },
    });
  }

  /** Params of every call or notice of one method, in order. */
  of(method: string): Record<string, unknown>[] {
    return this.received.filter((message) => message.method === method).map((message) => message.params);
  }

  on(method: string, handler: ScriptedHandler<Params, this>): void {
    this.#handlers[method] = handler;
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  send(message: unknown): void {
    this.sendText(JSON.stringify(message));
  }

  /** Send a frame as it is, be it nonsense. */
  sendText(frame: string): void {
    this.#port.send(frame);
  }

  /** @param code - Close code, with which it says goodbye. Default: it goes without a word. */
  hangUp(code?: number, reason = "the server went away"): void {
    if (code === undefined) this.#port.destroy(reason);
    else this.#port.close(code, reason);
  }

  async #take(frame: string): Promise<void> {
    const message = JSON.parse(frame) as Received;
    if (message.method === undefined) {
      this.answers.push(message);
      return;
    }
    this.received.push(message);
    if (message.id === undefined) return;
    try {
      const handler = this.#handlers[message.method];
      if (handler === undefined) throw this.#unknown(message.method);
      const result = await handler(message.params as unknown as Params, this);
      if (result !== NO_ANSWER) this.send({ id: message.id, result });
    } catch (error) {
      const { code, data } = error instanceof Refusal ? error : { code: -32603, data: undefined };
      this.send({
        id: message.id,
        error: { code, message: (error as Error).message, ...(data !== undefined && { data }) },
      });
    }
  }
}
