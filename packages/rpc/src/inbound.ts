import type { EnvelopeCodec, Inbound, RpcId, WireFault } from "@holdfast/protocol-kit";
import { describeError, isThenable } from "./describe-error.ts";
import { isRpcFault } from "./errors.ts";
import type { FramePort, OutboundFrame } from "./frame-port.ts";
import { HeldMessages, type Work } from "./held-messages.ts";
import { Holds } from "./holds.ts";
import type { InboundServer, PeerLimits } from "./peer-types.ts";
import { type RunningCall, RunningCalls } from "./running-calls.ts";
import type { Subscriptions } from "./subscriptions.ts";

const METHOD_NOT_FOUND = -32601;
const PROTOCOL_ERROR = 1002;

/** What the answering half of a peer needs from the rest. */
export interface InboundContext {
  readonly port: FramePort;
  readonly codec: EnvelopeCodec;
  readonly server: InboundServer | undefined;
  readonly subscriptions: Subscriptions;
  readonly limits: PeerLimits;
  readonly internalErrorCode: number;
  readonly onBug: (error: unknown, method: string) => void;
  /** Own calls that wait for an answer which only reading can bring. */
  readonly pendingCount: () => number;
  readonly isOpen: () => boolean;
  readonly close: (reason: string, code: number) => void;
}

/**
 * The answering half of a peer: starts inbound work in order, writes answers when they are ready, and stops reading
 * when it could not keep up.
 *
 * A call may start while the outbound queue has room for answers and few enough calls run; nothing starts, and no notice is
 * delivered, while the owner of the peer holds it. What may not start is held, and behind it the port is paused: unless this side
 * waits for answers of its own. Those arrive behind the held messages, and a running handler may depend on one, so reading
 * goes on within the bounds of what may be held.
 */
export class InboundHalf {
  readonly #context: InboundContext;
  readonly #running = new RunningCalls();
  readonly #held = new HeldMessages();
  #reading: "flowing" | "paused" = "flowing";
  readonly #holds = new Holds(() => this.reconsider());

  constructor(context: InboundContext) {
    this.#context = context;
  }

  /** Take one message; `size` is that of its frame. */
  take(work: Work, size: number): void {
    if (this.#held.count > 0 || !this.#mayStart(work)) this.#held.add(work, size);
    else this.#start(work);
    this.#gate();
  }

  /** Start what may start now, then read on or stop reading. To be called whenever one of the reasons may have changed. */
  reconsider(): void {
    if (!this.#context.isOpen()) return;
    let work = this.#held.first();
    while (work !== undefined && this.#mayStart(work)) {
      this.#held.removeFirst();
      this.#start(work);
      work = this.#held.first();
    }
    this.#gate();
  }

  /** Calls that run. */
  get running(): number {
    return this.#running.size;
  }

  /** Start nothing until this hold and every other one is released. */
  hold(): Disposable {
    return this.#holds.take();
  }

  /** Drop what has not started: no answer can be sent any more. */
  stop(): void {
    this.#held.clear();
  }

  abort(reason: Error): void {
    this.#held.clear();
    this.#running.abortAll(reason);
  }

  #mayStart(work: Work): boolean {
    if (this.#holds.isHeld) return false;
    if (work.kind === "notice") return true;
    const { port, limits } = this.#context;
    const hasRoom = port.writable || port.queuedBytes < limits.maxQueuedAnswerBytes;
    return hasRoom && this.#running.size < limits.maxRunningCalls;
  }

  #gate(): void {
    const wanted = this.#mustPause() && this.#context.isOpen() ? "paused" : "flowing";
    if (wanted === this.#reading) return;
    this.#reading = wanted;
    if (wanted === "paused") this.#context.port.pause();
    else this.#context.port.resume();
  }

  #mustPause(): boolean {
    const { limits, pendingCount } = this.#context;
    const keepsUp = !this.#holds.isHeld && this.#held.count === 0;
    if (keepsUp && this.#running.size < limits.maxRunningCalls) return false;
    if (pendingCount() === 0) return true;
    return this.#held.bytes >= limits.maxHeldBytes;
  }

  #start(work: Work): void {
    if (work.kind === "call") this.#startCall(work);
    else if (work.kind === "notice") this.#deliverNotice(work);
    else this.#answerMalformed(work.reason);
  }

  #startCall(message: Extract<Inbound, { kind: "call" }>): void {
    const { server } = this.#context;
    if (server === undefined) {
      this.#sendFailure(message.id, { code: METHOD_NOT_FOUND, message: `method not found: ${message.method}` });
      return;
    }
    const call = this.#running.start(message);
    try {
      const answer = server.call(call);
      if (isThenable(answer)) this.#answerLater(call, answer);
      else this.#answer(call, answer);
    } catch (thrown) {
      this.#refuse(call, thrown);
    }
  }

  #answerLater(call: RunningCall, answer: PromiseLike<unknown>): void {
    Promise.resolve(answer).then(
      (result) => {
        this.#answer(call, result);
        this.reconsider();
      },
      (thrown: unknown) => {
        this.#refuse(call, thrown);
        this.reconsider();
      },
    );
  }

  #answer(call: RunningCall, result: unknown): void {
    this.#running.finish(call);
    if (!this.#context.isOpen()) return;
    let frame: OutboundFrame;
    try {
      frame = this.#context.codec.encodeResult(call.id, result);
    } catch (thrown) {
      this.#report(thrown, call.method);
      this.#sendFailure(call.id, this.#internalError());
      return;
    }
    this.#context.port.send(frame);
  }

  #refuse(call: RunningCall, thrown: unknown): void {
    this.#running.finish(call);
    if (isRpcFault(thrown)) {
      this.#sendFailure(call.id, {
        code: thrown.code,
        message: thrown.message,
        ...(thrown.data === undefined ? {} : { data: thrown.data }),
      });
      return;
    }
    this.#report(thrown, call.method);
    this.#sendFailure(call.id, this.#internalError());
  }

  #internalError(): WireFault {
    return { code: this.#context.internalErrorCode, message: "internal error" };
  }

  #sendFailure(id: RpcId, fault: WireFault): void {
    if (!this.#context.isOpen()) return;
    let frame: OutboundFrame;
    try {
      frame = this.#context.codec.encodeFailure(id, fault);
    } catch (thrown) {
      // Only `data` can be impossible to encode, and the caller must hear of the failure either way.
      this.#report(thrown, "");
      frame = this.#context.codec.encodeFailure(id, { code: fault.code, message: fault.message });
    }
    this.#context.port.send(frame);
  }

  #deliverNotice(notice: Extract<Inbound, { kind: "notice" }>): void {
    const { server, subscriptions, isOpen } = this.#context;
    if (server !== undefined) this.#serveNotice(server, notice);
    if (!isOpen()) return;
    subscriptions.deliver(notice, (error) => this.#report(error, notice.method));
  }

  #serveNotice(server: InboundServer, notice: Extract<Inbound, { kind: "notice" }>): void {
    try {
      const outcome: unknown = server.notice(notice);
      // An async function fits the type too; its rejection must not be left to end the process.
      if (isThenable(outcome)) Promise.resolve(outcome).then(undefined, (thrown: unknown) => this.#violated(thrown));
    } catch (thrown) {
      this.#violated(thrown);
    }
  }

  #violated(thrown: unknown): void {
    this.#context.close(describeError(thrown), PROTOCOL_ERROR);
  }

  #answerMalformed(reason: string): void {
    const { codec, port } = this.#context;
    if (port.endsAtUnreadable === true) {
      port.destroy(`received a message that can't be read: ${reason}`);
      return;
    }
    const frame = codec.encodeMalformed(reason, { transport: port.transport, peerName: port.peerName });
    if (frame !== undefined) port.send(frame);
  }

  #report(error: unknown, method: string): void {
    this.#context.onBug(error, method);
  }
}
