import type { CallOptions, EnvelopeCodec, Inbound, RpcId, WireFault } from "@holdfast/protocol-kit";
import { systemClock } from "./clock.ts";
import { abortedBy, LinkError } from "./errors.ts";
import type { FramePort, InboundFrame, OutboundFrame, PortClose } from "./frame-port.ts";
import { Gate } from "./gate.ts";
import { InboundHalf } from "./inbound.ts";
import { DEFAULT_PEER_LIMITS } from "./limits.ts";
import type { Peer, PeerLimits, PeerOptions, PeerState } from "./peer-types.ts";
import { type AnswerFate, PendingCalls } from "./pending-calls.ts";
import { QueuedCalls } from "./queued-calls.ts";
import { Subscriptions } from "./subscriptions.ts";

const NORMAL_CLOSURE = 1000;
const PROTOCOL_ERROR = 1002;
const INTERNAL_ERROR = 1011;
const DEFAULT_INTERNAL_ERROR_CODE = -32603;

/**
 * Put calls, notices and answers on a port. Opens the port; frames are delivered from the next turn on, so handlers
 * that are added in the same turn miss none.
 */
export function createPeer(options: PeerOptions): Peer {
  const peer = new PortPeer(options);
  peer.open();
  return peer;
}

class PortPeer implements Peer {
  readonly closed: Promise<PortClose>;
  readonly #port: FramePort;
  readonly #codec: EnvelopeCodec;
  #limits: PeerLimits;
  readonly #strayAnswers: "close" | "ignore";
  readonly #unreadableId: RpcId | undefined;
  readonly #onSent: ((frame: Uint8Array) => void) | undefined;
  readonly #onBug: ((error: unknown, method: string) => void) | undefined;
  readonly #subscriptions = new Subscriptions();
  readonly #pending: PendingCalls;
  readonly #queued: QueuedCalls;
  readonly #inbound: InboundHalf;
  readonly #resolveClosed: (close: PortClose) => void;
  #state: PeerState = { kind: "open" };
  readonly #drained = new Gate();

  constructor(options: PeerOptions) {
    this.#port = options.port;
    this.#codec = options.codec;
    this.#limits = { ...DEFAULT_PEER_LIMITS, ...options.limits };
    this.#strayAnswers = options.strayAnswers ?? "ignore";
    this.#unreadableId = options.unreadableId;
    this.#onSent = options.onSent;
    this.#onBug = options.onBug;
    const clock = options.clock ?? systemClock;
    this.#pending = new PendingCalls(clock, () => this.#sendQueued());
    this.#queued = new QueuedCalls(clock);
    const { promise, resolve } = Promise.withResolvers<PortClose>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#inbound = new InboundHalf({
      port: options.port,
      codec: options.codec,
      server: options.server,
      subscriptions: this.#subscriptions,
      limits: this.#limits,
      internalErrorCode: options.internalErrorCode ?? DEFAULT_INTERNAL_ERROR_CODE,
      onBug: (error, method) => this.#report(error, method),
      pendingCount: () => this.#pending.size + this.#queued.size,
      isOpen: () => this.#state.kind === "open",
      close: (reason, code) => this.close(reason, code),
    });
  }

  open(): void {
    this.#port.open({
      frame: (frame) => this.#onFrame(frame),
      drained: () => this.#onDrained(),
      ...(this.#onSent === undefined ? {} : { sent: this.#onSent }),
      closed: (close) => this.#onClosed(close),
    });
  }

  get state(): PeerState {
    return this.#state;
  }

  get writable(): boolean {
    return this.#port.writable;
  }

  get queuedBytes(): number {
    return this.#port.queuedBytes;
  }

  get runningCalls(): number {
    return this.#inbound.running;
  }

  call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    return this.#callAs(undefined, method, params, options);
  }

  callAs(id: number, method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    if (!Number.isSafeInteger(id) || id < 0)
      throw new RangeError(`the id of a call is an integer from 0 on, not ${id}`);
    return this.#callAs(id, method, params, options);
  }

  #callAs(id: number | undefined, method: string, params: unknown, options: CallOptions | undefined): Promise<unknown> {
    const refusal = this.#refusalOf(method, options);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.#maySend(options)) return this.#send(id, method, params, options);
    const { maxQueuedCalls } = this.#limits;
    // Those that are urgent have a queue of their own.
    const waiting = options?.urgent === true ? this.#queued.urgentSize : this.#queued.size;
    if (waiting >= maxQueuedCalls) {
      const message = `the limit of ${maxQueuedCalls} calls that wait for an earlier one is reached`;
      return Promise.reject(new LinkError("busy", message, { delivery: "not-sent", method }));
    }
    const answer = this.#queued.add({ id, method, params }, options);
    this.#expectAnswer();
    return answer;
  }

  #maySend(options: CallOptions | undefined): boolean {
    if (options?.urgent === true) return this.#queued.urgentSize === 0 && this.#hasUrgentRoom();
    return this.#queued.size === 0 && this.#hasRoom();
  }

  #hasRoom(): boolean {
    const { maxPendingCalls, maxQueuedCallBytes } = this.#limits;
    return this.#pending.size < maxPendingCalls && (this.#port.writable || this.#port.queuedBytes < maxQueuedCallBytes);
  }

  #hasUrgentRoom(): boolean {
    const { maxPendingCalls, maxUrgentCalls } = this.#limits;
    return this.#pending.size < maxPendingCalls + maxUrgentCalls;
  }

  /** Send what waited for a place, as far as there are places. */
  #sendQueued(): void {
    // What waits when the port is ending fails as not sent when it has ended.
    while (this.#queued.size > 0 && this.#state.kind === "open") {
      if (this.#port.isEnding === true) return;
      if (!(this.#queued.urgentSize > 0 ? this.#hasUrgentRoom() : this.#hasRoom())) return;
      const call = this.#queued.shift();
      call?.resolve(this.#send(call.id, call.method, call.params, call.options()));
    }
  }

  /** The answer can only be heard by reading on, which a full outbound queue may have stopped. */
  #expectAnswer(): void {
    if (this.#pending.size + this.#queued.size === 1) this.#inbound.reconsider();
  }

  #send(
    givenId: number | undefined,
    method: string,
    params: unknown,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    if (givenId !== undefined && this.#pending.has(givenId)) {
      return Promise.reject(new Error(`a call under the id ${givenId} waits for its answer already`));
    }
    const id = givenId ?? this.#pending.nextId();
    let frame: OutboundFrame;
    try {
      frame = this.#codec.encodeCall({ id, method, params, trace: options?.trace });
    } catch (error) {
      return Promise.reject(error);
    }
    const { maxCallBytes } = this.#limits;
    const bytes = lengthAbove(frame, maxCallBytes);
    if (bytes !== undefined) {
      const message = `${method} is a message of ${bytes} bytes, and the far end takes ${maxCallBytes}`;
      return Promise.reject(new LinkError("frame-too-large", message, { delivery: "not-sent", method }));
    }
    const answer = this.#pending.wait(id, method, options);
    this.#port.send(frame);
    this.#expectAnswer();
    return answer;
  }

  notify(method: string, params: unknown): void {
    if (this.#state.kind !== "open") return;
    this.#port.send(this.#codec.encodeNotice({ method, params }));
  }

  on(method: string, handler: (params: unknown, metadata?: unknown) => void): () => void {
    return this.#subscriptions.add(method, handler);
  }

  whenWritable(): Promise<void> {
    if (this.#state.kind !== "open" || this.#port.writable) return Promise.resolve();
    return this.#drained.wait();
  }

  allowPending(limits: Pick<PeerLimits, "maxPendingCalls" | "maxUrgentCalls">): void {
    this.#limits = { ...this.#limits, ...limits };
    this.#sendQueued();
  }

  hold(): Disposable {
    return this.#inbound.hold();
  }

  close(reason = "closed", code = NORMAL_CLOSURE): void {
    if (this.#state.kind !== "open") return;
    this.#state = { kind: "closing", reason };
    this.#pending.rejectAll("closed", reason);
    this.#queued.rejectAll(reason);
    this.#inbound.stop();
    this.#drained.open();
    this.#port.close(code, reason);
  }

  #onFrame(frame: InboundFrame): void {
    if (this.#state.kind !== "open") return;
    try {
      this.#take(this.#decode(frame), frame.length);
    } catch (error) {
      this.#report(error, "");
      this.close("internal error", INTERNAL_ERROR);
    }
  }

  #onDrained(): void {
    this.#drained.open();
    this.#sendQueued();
    this.#inbound.reconsider();
  }

  #onClosed(close: PortClose): void {
    if (this.#state.kind === "closed") return;
    this.#state = { kind: "closed", close };
    this.#pending.rejectAll("closed", close.reason, close.cause);
    this.#queued.rejectAll(close.reason, close.cause);
    this.#inbound.abort(new LinkError("closed", close.reason, { delivery: "unknown", cause: close.cause }));
    this.#drained.open();
    this.#resolveClosed(close);
  }

  #refusalOf(method: string, options: CallOptions | undefined): LinkError | undefined {
    const state = this.#state;
    const refuse = (message: string, cause?: unknown): LinkError =>
      new LinkError("closed", message, { delivery: "not-sent", method, cause });
    if (state.kind === "closing") return refuse(state.reason);
    if (state.kind === "closed") return refuse(state.close.reason, state.close.cause);
    if (this.#port.isEnding === true) return refuse("the far end is closing the connection");
    const signal = options?.signal;
    if (signal?.aborted === true) return abortedBy(signal, method, { delivery: "not-sent", method });
    return undefined;
  }

  #decode(frame: InboundFrame): Inbound {
    try {
      return this.#codec.decode(frame);
    } catch (error) {
      this.#report(error, "");
      return { kind: "malformed", reason: "the message could not be decoded" };
    }
  }

  #take(message: Inbound, size: number): void {
    if (message.kind === "result") this.#settled(this.#pending.resolve(message.id, message.result));
    else if (message.kind === "failure") this.#failed(message.id, message.fault);
    else this.#inbound.take(message, size);
  }

  #failed(id: RpcId, fault: WireFault): void {
    if (this.#unreadableId === undefined || id !== this.#unreadableId) {
      this.#settled(this.#pending.reject(id, fault));
      return;
    }
    this.#pending.rejectAll("malformed", `the far end could not read a message: ${fault.message}`);
    this.#sendQueued();
  }

  #settled(fate: AnswerFate): void {
    if (fate === "stray" && this.#strayAnswers === "close") {
      this.close("received an answer to a call that was never made", PROTOCOL_ERROR);
    }
    this.#sendQueued();
  }

  #report(error: unknown, method: string): void {
    try {
      this.#onBug?.(error, method);
    } catch {
      // There is no peer left to tell.
    }
  }
}

const MAX_BYTES_PER_CODE_UNIT = 3;

/** The length of a frame in bytes, where it is above the limit. Measured only where it may be. */
function lengthAbove(frame: OutboundFrame, limit: number): number | undefined {
  if (frame.length * MAX_BYTES_PER_CODE_UNIT <= limit) return undefined;
  const bytes = typeof frame === "string" ? utf8Length(frame) : frame.length;
  return bytes > limit ? bytes : undefined;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
