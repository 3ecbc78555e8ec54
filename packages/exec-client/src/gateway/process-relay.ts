import { isObject } from "@holdfast/protocol-kit";
import { type Clock, isLinkError, isRemoteError } from "@holdfast/rpc";
import { START_AGAIN_WITHIN_MS } from "../limits.ts";
import type { ReadResult } from "../process/read-result.ts";
import { isStart } from "../session/replay.ts";
import type { Session } from "../session/session.ts";
import { type Origin, RelayedProcess } from "./relayed-process.ts";
import { type Tell, tellEvent } from "./tell-event.ts";

export interface ProcessRelayOptions {
  readonly clock: Clock;
  /** Whether the session had processes before this client came. */
  readonly isResumed: boolean;
  readonly tell: Tell;
  /** Nothing more will come of this process. */
  readonly ended: (processId: string) => void;
}

/** Passes on the calls of one client, and follows the processes that it starts or takes up. */
export class ProcessRelay {
  readonly #session: Session;
  readonly #options: ProcessRelayOptions;
  /** Of a resumed session: those that are over, which are not followed when they are read once more. */
  readonly #over = new Set<string>();

  constructor(session: Session, options: ProcessRelayOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** @throws RemoteError the executor refused. @throws LinkError nobody knows whether it was done. */
  async call(method: string, params: unknown, trace: unknown): Promise<unknown> {
    if (!isObject(params) || typeof params.processId !== "string") {
      return await this.#session.call(method, params, { trace });
    }
    const { processId } = params;
    if (method === "holdfast/acceptConnection") return await this.#accept(processId, params, trace);
    if (isStart(method)) return await this.#start(method, processId, params, trace);
    if (method === "process/terminate") return await this.#terminate(params, trace);
    if (method === "process/read" && this.#options.isResumed) return await this.#read(processId, params, trace);
    return await this.#session.call(method, params, { trace });
  }

  async #start(method: string, processId: string, params: unknown, trace: unknown): Promise<unknown> {
    // The executor will say that there is one.
    if (this.#session.hasProcess(processId)) return await this.#session.call(method, params, { trace });
    const { clock } = this.#options;
    const process = this.#newProcess(processId, "started");
    this.#session.follow(process);
    try {
      for (;;) {
        const sentAtMs = clock.now();
        try {
          const result = await this.#session.call(method, params, { trace });
          process.started();
          return result;
        } catch (error) {
          if (!this.#isLost(error)) throw error;
          // On the next line the executor says whether it has it.
          if (await this.#takeUp(process)) return { processId };
          if (clock.now() - sentAtMs > START_AGAIN_WITHIN_MS) throw error;
        }
      }
    } catch (error) {
      this.#session.unfollow(process);
      throw error;
    }
  }

  /** The session asks again on the next line by itself; the connection may be given on a line that breaks. */
  async #accept(processId: string, params: unknown, trace: unknown): Promise<unknown> {
    const ask = (): Promise<unknown> => this.#session.call("holdfast/acceptConnection", params, { trace });
    if (this.#session.hasProcess(processId)) return await ask();
    const process = this.#newProcess(processId, "started");
    this.#session.follow(process);
    try {
      const result = await ask();
      const connection = isObject(result) ? result.connection : undefined;
      if (!isObject(connection)) this.#session.unfollow(process);
      else if (connection.isKnown === true) await this.#takeUp(process);
      else process.started();
      return result;
    } catch (error) {
      this.#session.unfollow(process);
      throw error;
    }
  }

  /** Whether the executor has a process that may have been started, on a line that broke. */
  async #takeUp(process: RelayedProcess): Promise<boolean> {
    const { processId } = process;
    for (;;) {
      const afterSeq = process.lastSeq;
      try {
        const result = await this.#session.stub.process.read({ processId, afterSeq, maxBytes: null, waitMs: 0 });
        process.started();
        process.suspend();
        process.catchUp(result, afterSeq);
        process.resume();
        return true;
      } catch (error) {
        if (!isRemoteError(error)) throw error;
        if (error.message.includes("is starting")) continue;
        return false;
      }
    }
  }

  /** To kill twice is no harm. */
  async #terminate(params: unknown, trace: unknown): Promise<unknown> {
    for (;;) {
      try {
        return await this.#session.call("process/terminate", params, { trace });
      } catch (error) {
        if (!this.#isLost(error)) throw error;
      }
    }
  }

  /** It was on a line that broke, and there may be another one. */
  #isLost(error: unknown): boolean {
    const { kind } = this.#session.state;
    const isOver = kind === "failed" || kind === "closed";
    return !isOver && isLinkError(error) && error.code === "closed" && error.delivery === "unknown";
  }

  /** A client that resumes its session reads what it missed; from then on its process is followed. */
  async #read(processId: string, params: object, trace: unknown): Promise<unknown> {
    const ask = (): Promise<unknown> => this.#session.call("process/read", params, { trace });
    if (this.#session.hasProcess(processId) || this.#over.has(processId)) return await ask();
    // Before it is asked: what is told meanwhile may come after the answer.
    const process = this.#newProcess(processId, "attached");
    this.#session.follow(process);
    try {
      const result = await ask();
      const read = readOf(result);
      if (read === undefined || read.closed) this.#end(process);
      else process.beginBehind(read, "afterSeq" in params && typeof params.afterSeq === "number" ? params.afterSeq : 0);
      return result;
    } catch (error) {
      this.#session.unfollow(process);
      throw error;
    }
  }

  #end(process: RelayedProcess): void {
    this.#session.unfollow(process);
    if (this.#options.isResumed) this.#over.add(process.processId);
    this.#options.ended(process.processId);
  }

  #newProcess(processId: string, origin: Origin): RelayedProcess {
    const { clock, tell } = this.#options;
    const process: RelayedProcess = new RelayedProcess(processId, origin, {
      clock,
      read: (afterSeq) => this.#session.stub.process.read({ processId, afterSeq, maxBytes: null, waitMs: 0 }),
      tell: (event) => tellEvent(tell, processId, event),
      ended: () => this.#end(process),
    });
    return process;
  }
}

/** What an answer to a read says of numbers; undefined for one that says nothing of the kind. */
function readOf(result: unknown): ReadResult | undefined {
  if (!isObject(result)) return undefined;
  const { chunks, nextSeq, exited, exitCode, closed } = result;
  if (typeof nextSeq !== "number" || !Array.isArray(chunks)) return undefined;
  const numbered = chunks.flatMap((chunk: unknown) =>
    isObject(chunk) && typeof chunk.seq === "number"
      ? [{ seq: chunk.seq, stream: "stdout" as const, chunk: new Uint8Array() }]
      : [],
  );
  const code = typeof exitCode === "number" ? exitCode : null;
  return { chunks: numbered, nextSeq, exited: exited === true, exitCode: code, closed: closed === true };
}
