import { type Clock, Holds } from "@holdfast/rpc";
import { InvalidArgumentError, ProcessEventsError } from "../errors.ts";
import { HOLE_READ_TIMEOUT_MS } from "../limits.ts";
import { EventCursor } from "./event-cursor.ts";
import { EventLog, type LogReader } from "./event-log.ts";
import { EventSequencer } from "./event-sequencer.ts";
import type { ExitStatus, ProcessEvent } from "./events.ts";
import { HoldingCursor } from "./holding-cursor.ts";
import type { ReadResult } from "./read-result.ts";
import type { IncomingEvent } from "./reorder-buffer.ts";

/** What a channel needs from its session. */
export interface ChannelPort {
  readonly clock: Clock;
  read(params: { processId: string; afterSeq: number }, options?: { readonly timeoutMs: number }): Promise<ReadResult>;
  /** Hold back what the process prints, or let it go on; the connection itself where the executor can not be asked. */
  holdOutput(isHeld: boolean): void;
  /** Take nothing more from the connection, until the hold is released. */
  holdLine(): Disposable;
  /** No further event of this process is of interest. `failed`: its events could not be kept in order. */
  release(outcome: "closed" | "failed"): void;
}

/** Whether this client started the process, or came to it later and left out what is up to `afterSeq`. */
export type ChannelOrigin = { readonly kind: "started" } | { readonly kind: "attached"; readonly afterSeq: number };

const STARTED: ChannelOrigin = { kind: "started" };

/** Everything this client knows of one process: its ordered events, its exit, its close. */
export class ProcessChannel {
  readonly processId: string;
  readonly origin: ChannelOrigin;
  readonly log = new EventLog();
  readonly #port: ChannelPort;
  readonly #sequencer: EventSequencer;
  readonly #exited = Promise.withResolvers<ExitStatus>();
  #hasExited = false;
  #hasFailed = false;
  readonly #closed = Promise.withResolvers<ExitStatus>();
  #start: "awaited" | "answered" = "awaited";
  readonly #output: Holds;
  /** Stands for the first subscriber before there is one. */
  readonly #starter: LogReader = { nextSeq: 1, changed: () => {} };

  constructor(processId: string, port: ChannelPort, origin: ChannelOrigin = STARTED) {
    this.processId = processId;
    this.origin = origin;
    this.#port = port;
    this.#output = new Holds((isHeld) => port.holdOutput(isHeld));
    this.#sequencer = new EventSequencer({
      processId,
      clock: port.clock,
      // Without a limit, an executor that never answers would hold up the events for good, unnoticed.
      read: (afterSeq) => port.read({ processId, afterSeq }, { timeoutMs: HOLE_READ_TIMEOUT_MS }),
      publish: (event) => this.#publish(event),
      fail: (error) => {
        this.#settleFailed(error);
        port.release("failed");
      },
    });
    this.log.attach(this.#starter);
    // A caller who only reads the events must not meet an unhandled rejection.
    this.#exited.promise.catch(() => {});
    this.#closed.promise.catch(() => {});
    // What it pushes is kept apart until a read has told what came before.
    if (origin.kind === "attached") this.#sequencer.suspend();
  }

  /** Subscribers that do not say otherwise begin behind this event. */
  get afterSeq(): number {
    return this.origin.kind === "attached" ? this.origin.afterSeq : 0;
  }

  /** Whether the executor is known to have it, so that it can be asked for after a lost connection. */
  get isStarted(): boolean {
    return this.#start === "answered";
  }

  /** The last event that was published. */
  get lastSeq(): number {
    return this.#sequencer.lastSeq;
  }

  get exited(): Promise<ExitStatus> {
    return this.#exited.promise;
  }

  /** Whether nothing more is to be heard of it: it has exited, or its events can not be had. */
  get isOver(): boolean {
    return this.#hasExited || this.#hasFailed;
  }

  /** Whether its exit has been told. */
  get hasExited(): boolean {
    return this.#hasExited;
  }

  get closed(): Promise<ExitStatus> {
    return this.#closed.promise;
  }

  /** Take an event from the line. */
  accept(event: IncomingEvent): void {
    this.#sequencer.accept(event);
  }

  /**
   * Take the answer to the first read of a process that was running before: events begin with what it still has.
   *
   * @throws InvalidArgumentError `afterSeq` is ahead of the process.
   */
  adopt(result: ReadResult): void {
    const { afterSeq } = this;
    if (afterSeq >= result.nextSeq) {
      const message = `afterSeq ${afterSeq} is ahead of process ${this.processId}, whose last event is ${result.nextSeq - 1}`;
      throw new InvalidArgumentError("afterSeq", message);
    }
    const { lastSeq, exited } = this.#sequencer.beginWith(result, afterSeq);
    this.log.beginAfter(lastSeq, exited);
    if (exited !== undefined) this.#tellExit(exited);
    this.#sequencer.catchUp(result, lastSeq);
  }

  /** The line broke. Until {@link resume}, what is missing is for {@link catchUp} to find. */
  suspend(): void {
    this.#sequencer.suspend();
  }

  /** Take the answer to a `process/read` with this `afterSeq`, on a line that is about to be used. */
  catchUp(result: ReadResult, afterSeq: number): void {
    this.#sequencer.catchUp(result, afterSeq);
  }

  /** The executor would not say what it did meanwhile. */
  notRecovered(cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `its events after ${this.lastSeq} could not be recovered: ${reason}`;
    this.#sequencer.fail(new ProcessEventsError("not-recovered", this.processId, message, { cause }));
  }

  /** There is a line again. */
  resume(): void {
    // One that is still to be adopted has no place in the order of events yet.
    if (this.isStarted || this.origin.kind === "started") this.#sequencer.resume();
  }

  /** The line is gone for good, or the process never came to be. */
  fail(error: unknown): void {
    this.#sequencer.stop();
    this.#settleFailed(error);
  }

  read(afterSeq: number): Promise<ReadResult> {
    return this.#port.read({ processId: this.processId, afterSeq });
  }

  /**
   * The start was answered. Its caller subscribes in the same tick, if at all: until then nothing that came
   * with the answer is dropped.
   */
  started(): void {
    this.#start = "answered";
    setImmediate(() => this.log.detach(this.#starter));
  }

  /** For a subscriber that loses nothing: while it is slow, the process waits. */
  subscribe(afterSeq = this.afterSeq, wants?: (event: ProcessEvent) => boolean): HoldingCursor {
    return new HoldingCursor(this, afterSeq, wants);
  }

  /** For a subscriber that never holds the process back. */
  observe(afterSeq = this.afterSeq): EventCursor {
    return new EventCursor(this, afterSeq);
  }

  holdOutput(): Disposable {
    return this.#output.take();
  }

  holdLine(): Disposable {
    return this.#port.holdLine();
  }

  /** Release every hold for good, however slow the readers are: it is being ended, and little more output can come. */
  neverHold(): void {
    this.#output.close();
  }

  #publish(event: ProcessEvent): void {
    this.log.append(event);
    if (event.type === "exited") {
      this.#tellExit(event);
    } else if (event.type === "closed") {
      this.#output.close();
      this.#closed.resolve(this.#exited.promise);
      this.#port.release("closed");
    }
  }

  #tellExit({ exitCode, sandboxDenied }: ExitStatus): void {
    this.#hasExited = true;
    this.#exited.resolve({ exitCode, sandboxDenied });
  }

  #settleFailed(error: unknown): void {
    this.#hasFailed = true;
    this.#output.close();
    this.log.fail(error);
    this.#exited.reject(error);
    this.#closed.reject(error);
  }
}
