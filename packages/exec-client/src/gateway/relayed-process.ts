import type { Clock } from "@holdfast/rpc";
import { EventSequencer } from "../process/event-sequencer.ts";
import type { ProcessEvent } from "../process/events.ts";
import type { ReadResult } from "../process/read-result.ts";
import type { IncomingEvent } from "../process/reorder-buffer.ts";
import type { FollowedProcess } from "../session/followed-process.ts";

/** As executors report it when they could not learn it. */
const UNKNOWN_EXIT_CODE = -1;

/** Whether the client started it here, or came to it later. */
export type Origin = "started" | "attached";

/** What relaying the events of a process needs from its surroundings. */
export interface RelayedProcessPort {
  readonly clock: Clock;
  /** One `process/read` of everything retained after `afterSeq`, without waiting. */
  read(afterSeq: number): Promise<ReadResult>;
  /** Tell the client. Called in order of `seq`, each number once. */
  tell(event: ProcessEvent): void;
  /** Nothing more is to be told in order: it has closed, or the order can not be kept. */
  ended(): void;
}

/**
 * The events of one process on their way to a client that counts them itself: in order, none twice. What the executor has dropped is
 * left out, so that the client finds a number missing and does about it what it would do without anybody in between.
 */
export class RelayedProcess implements FollowedProcess {
  readonly processId: string;
  readonly #port: RelayedProcessPort;
  readonly #sequencer: EventSequencer;
  readonly #origin: Origin;
  #start: "awaited" | "answered" = "awaited";
  /** What comes before was told by other means. */
  #fromSeq = 1;

  constructor(processId: string, origin: Origin, port: RelayedProcessPort) {
    this.processId = processId;
    this.#origin = origin;
    this.#port = port;
    this.#sequencer = new EventSequencer({
      processId,
      clock: port.clock,
      gaps: "pass",
      read: (afterSeq) => port.read(afterSeq),
      publish: (event) => {
        if (event.seq >= this.#fromSeq) port.tell(event);
        if (event.type === "closed") port.ended();
      },
      fail: () => port.ended(),
    });
    // What it tells is kept until a read has said what came before.
    if (origin === "attached") this.#sequencer.suspend();
  }

  get isStarted(): boolean {
    return this.#start === "answered";
  }

  get lastSeq(): number {
    return this.#sequencer.lastSeq;
  }

  /** The executor has it. */
  started(): void {
    this.#start = "answered";
  }

  /**
   * Begin behind what the client was told by the answer to its own read.
   *
   * @param afterSeq - What it had asked for.
   */
  beginBehind(result: ReadResult, afterSeq: number): void {
    this.#fromSeq = result.nextSeq;
    const { lastSeq } = this.#sequencer.beginWith(result, afterSeq);
    this.#sequencer.catchUp(result, lastSeq);
    this.started();
    this.resume();
  }

  accept(event: IncomingEvent): void {
    this.#sequencer.accept(event);
  }

  suspend(): void {
    this.#sequencer.suspend();
  }

  catchUp(result: ReadResult, afterSeq: number): void {
    this.#sequencer.catchUp(result, afterSeq);
  }

  /**
   * The executor has forgotten it: it has ended. Its end is told behind a number that is missing, so that the client does not take what
   * it knows for all there was.
   */
  notRecovered(): void {
    const exitSeq = this.lastSeq + 2;
    this.#sequencer.stop();
    this.#port.tell({ type: "exited", seq: exitSeq, exitCode: UNKNOWN_EXIT_CODE, sandboxDenied: false });
    this.#port.tell({ type: "closed", seq: exitSeq + 1 });
    this.#port.ended();
  }

  resume(): void {
    // One that is still to be read has no place in the order of events yet.
    if (this.isStarted || this.#origin === "started") this.#sequencer.resume();
  }

  fail(): void {
    this.#sequencer.stop();
  }
}
