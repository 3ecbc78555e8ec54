import type { CallOptions, EnvelopeCodec, Inbound, RpcId, WireFault } from "@holdfast/protocol-kit";
import { systemClock } from "./clock.ts";
import { abortedBy, LinkError } from "./errors.ts";
import type { FramePort, OutboundFrame, PortClose } from "./frame-port.ts";
import { Gate } from "./gate.ts";
import { InboundHalf } from "./inbound.ts";
import { DEFAULT_PEER_LIMITS } from "./limits.ts";
import type { Peer, PeerLimits, PeerOptions, PeerState } from "./peer-types.ts";
import { type AnswerFate, PendingCalls } from "./pending-calls.ts";
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
  readonly #limits: PeerLimits;
  readonly #strayAnswers: "close" | "ignore";
  readonly #unreadableId: RpcId | undefined;
  readonly #onSent: ((frame: Uint8Array) => void) | undefined;
  readonly #onBug: ((error: unknown, method: string) => void) | undefined;
  readonly #subscriptions = new Subscriptions();
  readonly #pending: PendingCalls;
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
    this.#pending = new PendingCalls(options.clock ?? systemClock);
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
      pendingCount: () => this.#pending.size,
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

  call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    const refusal = this.#refusalOf(method, options);
    if (refusal !== undefined) return Promise.reject(refusal);
    const id = this.#pending.nextId();
    let frame: OutboundFrame;
    try {
      frame = this.#codec.encodeCall({ id, method, params, trace: options?.trace });
    } catch (error) {
      return Promise.reject(error);
    }
    const answer = this.#pending.wait(id, method, options);
    this.#port.send(frame);
    // The answer can only be heard by reading on, which a full outbound queue may have stopped.
    if (this.#pending.size === 1) this.#inbound.reconsider();
    return answer;
  }

  notify(method: string, params: unknown): void {
    if (this.#state.kind !== "open") return;
    this.#port.send(this.#codec.encodeNotice({ method, params }));
  }

  on(method: string, handler: (params: unknown) => void): () => void {
    return this.#subscriptions.add(method, handler);
  }

  whenWritable(): Promise<void> {
    if (this.#state.kind !== "open" || this.#port.writable) return Promise.resolve();
    return this.#drained.wait();
  }

  hold(): Disposable {
    return this.#inbound.hold();
  }

  close(reason = "closed", code = NORMAL_CLOSURE): void {
    if (this.#state.kind !== "open") return;
    this.#state = { kind: "closing", reason };
    this.#pending.rejectAll("closed", reason);
    this.#inbound.stop();
    this.#drained.open();
    this.#port.close(code, reason);
  }

  #onFrame(frame: string | Uint8Array): void {
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
    this.#inbound.reconsider();
  }

  #onClosed(close: PortClose): void {
    if (this.#state.kind === "closed") return;
    this.#state = { kind: "closed", close };
    this.#pending.rejectAll("closed", close.reason, close.cause);
    this.#inbound.abort(new LinkError("closed", close.reason, { delivery: "unknown", cause: close.cause }));
    this.#drained.open();
    this.#resolveClosed(close);
  }

  #refusalOf(method: string, options: CallOptions | undefined): LinkError | undefined {
    const state = this.#state;
    const refuse = (code: "closed" | "busy", message: string, cause?: unknown): LinkError =>
      new LinkError(code, message, { delivery: "not-sent", method, cause });
    if (state.kind === "closing") return refuse("closed", state.reason);
    if (state.kind === "closed") return refuse("closed", state.close.reason, state.close.cause);
    const signal = options?.signal;
    if (signal?.aborted === true) return abortedBy(signal, method, { delivery: "not-sent", method });
    if (this.#pending.size < this.#limits.maxPendingCalls) return undefined;
    return refuse("busy", `the limit of ${this.#limits.maxPendingCalls} pending calls is reached`);
  }

  #decode(frame: string | Uint8Array): Inbound {
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
  }

  #settled(fate: AnswerFate): void {
    if (fate === "stray" && this.#strayAnswers === "close") {
      this.close("received an answer to a call that was never made", PROTOCOL_ERROR);
    }
  }

  #report(error: unknown, method: string): void {
    try {
      this.#onBug?.(error, method);
    } catch {
      // There is no peer left to tell.
    }
  }
}
