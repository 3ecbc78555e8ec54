import type { ProcessReadResult } from "@holdfast/exec-server-protocol";
import type { Clock } from "@holdfast/rpc";
import { EventCursor } from "./event-cursor.ts";
import { EventLog, type LogReader } from "./event-log.ts";
import { EventSequencer } from "./event-sequencer.ts";
import type { ExitStatus, ProcessEvent } from "./events.ts";
import type { IncomingEvent } from "./reorder-buffer.ts";

/** What a channel needs from its session. */
export interface ChannelPort {
  readonly clock: Clock;
  read(params: { processId: string; afterSeq: number }): Promise<ProcessReadResult>;
  /** No further event of this process is of interest. `failed`: its events could not be kept in order. */
  release(processId: string, outcome: "closed" | "failed"): void;
}

/** Everything this client knows of one process: its ordered events, its exit, its close. */
export class ProcessChannel {
  readonly processId: string;
  readonly log = new EventLog();
  readonly #port: ChannelPort;
  readonly #sequencer: EventSequencer;
  readonly #exited = Promise.withResolvers<ExitStatus>();
  readonly #closed = Promise.withResolvers<ExitStatus>();
  /** Stands for the first subscriber before there is one. */
  readonly #starter: LogReader = { nextSeq: 1 };

  constructor(processId: string, port: ChannelPort) {
    this.processId = processId;
    this.#port = port;
    this.#sequencer = new EventSequencer({
      processId,
      clock: port.clock,
      read: (afterSeq) => this.read(afterSeq),
      publish: (event) => this.#publish(event),
      fail: (error) => {
        this.#settleFailed(error);
        port.release(processId, "failed");
      },
    });
    this.log.attach(this.#starter);
    // A caller who only reads the events must not meet an unhandled rejection.
    this.#exited.promise.catch(() => {});
    this.#closed.promise.catch(() => {});
  }

  get exited(): Promise<ExitStatus> {
    return this.#exited.promise;
  }

  get closed(): Promise<ExitStatus> {
    return this.#closed.promise;
  }

  /** Take an event from the line. */
  accept(event: IncomingEvent): void {
    this.#sequencer.accept(event);
  }

  /** The line is gone, or the process never came to be. */
  fail(error: unknown): void {
    this.#sequencer.stop();
    this.#settleFailed(error);
  }

  read(afterSeq: number): Promise<ProcessReadResult> {
    return this.#port.read({ processId: this.processId, afterSeq });
  }

  /**
   * The start was answered. Whoever asked for it subscribes in the same turn, if at all: until then nothing that came
   * with the answer is dropped.
   */
  started(): void {
    setImmediate(() => this.log.detach(this.#starter));
  }

  subscribe(afterSeq = 0): EventCursor {
    return new EventCursor(this, afterSeq);
  }

  #publish(event: ProcessEvent): void {
    this.log.append(event);
    if (event.type === "exited") {
      this.#exited.resolve({ exitCode: event.exitCode, sandboxDenied: event.sandboxDenied });
    } else if (event.type === "closed") {
      this.#closed.resolve(this.#exited.promise);
      this.#port.release(this.processId, "closed");
    }
  }

  #settleFailed(error: unknown): void {
    this.log.fail(error);
    this.#exited.reject(error);
    this.#closed.reject(error);
  }
}
