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

/** The members that scripts look at; each method has its own. */
export interface HandlerParams {
  readonly processId: string;
  readonly resumeSessionId: string | null;
  readonly afterSeq: number;
  readonly handleId: string;
  readonly offset: number;
  readonly len: number;
}

/** Answers one method: what it returns is the result, a {@link Refusal} it throws is the error. */
export type Handler = (params: HandlerParams, server: FakeExecServer) => unknown;

/** What an executor on Linux says about itself. */
export const LINUX_INFO = {
  shell: { name: "bash", path: "/bin/bash" },
  cwd: "file:///srv/repo",
  temporaryDirectories: [],
  tempDir: "file:///tmp",
  capabilities: { fileWriteStreaming: true },
  executorVersion: "0.171.0",
  platformOs: "linux",
};

/** Handlers by method. */
export type Handlers = Record<string, Handler>;

/** An exec-server that says exactly what a test scripts. It knows no state and checks nothing. */
export class FakeExecServer {
  /** Every message that arrived, in order. */
  readonly received: Received[] = [];
  /** Every answer that arrived, in order. */
  readonly answers: unknown[] = [];
  /** Why the line ended, once it did. */
  closed: string | undefined;
  readonly #port: FrameLine<unknown, { readonly reason: string }>;
  readonly #handlers: Record<string, Handler>;

  constructor(port: FrameLine<unknown, { readonly reason: string }>, handlers: Handlers = {}) {
    this.#port = port;
    this.#handlers = {
      initialize: () => ({ sessionId: "session-1", environmentInfo: LINUX_INFO }),
      "process/start": ({ processId }) => ({ processId }),
      "process/write": () => ({ status: "accepted" }),
      "process/terminate": () => ({ running: false }),
      "process/signal": () => ({}),
      "fs/close": () => ({}),
      ...handlers,
    };
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

  on(method: string, handler: Handler): void {
    this.#handlers[method] = handler;
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  output(processId: string, seq: number, text: string, stream = "stdout"): void {
    this.notify("process/output", { processId, seq, stream, chunk: Buffer.from(text).toString("base64") });
  }

  exited(processId: string, seq: number, exitCode = 0, sandboxDenied: boolean | undefined = false): void {
    this.notify("process/exited", {
      processId,
      seq,
      exitCode,
      ...(sandboxDenied === undefined ? {} : { sandboxDenied }),
    });
  }

  /** As an executor of 0.142 says it. */
  exitedLegacy(processId: string, seq: number, exitCode = 0): void {
    this.notify("process/exited", { processId, seq, exitCode });
  }

  finished(processId: string, seq: number): void {
    this.notify("process/closed", { processId, seq });
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
      if (handler === undefined)
        throw new Refusal(-32601, `exec-server stub does not implement \`${message.method}\` yet`);
      const result = await handler(message.params as unknown as HandlerParams, this);
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

/** The chunks of a `process/read` answer. */
export function chunk(seq: number, text: string, stream = "stdout") {
  return {
    seq,
    stream,
    chunk: Buffer.from(text).toString("base64"),
  };
}

/** A `process/read` answer of a process that still runs. */
export function readResult(members: Record<string, unknown>) {
  return {
    chunks: [],
    nextSeq: 1,
    exited: false,
    exitCode: null,
    closed: false,
    failure: null,
    sandboxDenied: false,
    ...members,
  };
}
