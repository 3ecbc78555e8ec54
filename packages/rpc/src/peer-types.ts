import type { CallOptions, EnvelopeCodec, LinkV1, RpcId } from "@holdfast/protocol-kit";
import type { Clock } from "./clock.ts";
import type { FramePort, PortClose } from "./frame-port.ts";
import type { ReceivedNotice } from "./subscriptions.ts";

/** An inbound call as the server side sees it. */
export interface InboundCall {
  readonly id: RpcId;
  readonly method: string;
  readonly params: unknown;
  readonly trace?: unknown;
  /** Aborted when the connection is gone: the answer can no longer be delivered. */
  readonly signal: AbortSignal;
}

/** The side that answers. */
export interface InboundServer {
  /**
   * Answer one call with the value it returns. Calls start in the order of arrival and then run side by side.
   *
   * A thrown {@link RpcFault} becomes the failure with its code and text. Anything else becomes `internalErrorCode`
   * with a text that gives nothing away, and goes to `onBug`.
   */
  call(call: InboundCall): unknown;
  /** Take one notice. Throwing closes the connection with the error's text as the reason (a protocol violation). */
  notice(notice: ReceivedNotice): void;
}

/** Named bounds of one peer. */
export interface PeerLimits {
  /** Own calls waiting for an answer; one more waits for a place. Default 1,024. */
  readonly maxPendingCalls: number;
  /** Urgent calls that may be pending beyond that. Default 1,024. */
  readonly maxUrgentCalls: number;
  /** Own calls waiting for a place, in order; one more rejects with `LinkError` `busy`, delivery `not-sent`. Default 65,536. */
  readonly maxQueuedCalls: number;
  /**
   * Longest own call that is sent; a longer one rejects with `LinkError` `frame-too-large`, delivery `not-sent`: the far end would close
   * the connection. Default: no limit.
   */
  readonly maxCallBytes: number;
  /** Outbound bytes at which own calls begin to wait, until the port has room. Urgent ones do not. Default 64 MiB. */
  readonly maxQueuedCallBytes: number;
  /** Inbound calls running at once; at this number the port is paused until one finishes. Default 4,096. */
  readonly maxRunningCalls: number;
  /**
   * Outbound bytes at which inbound calls begin to wait. Producers of notices stop at the port's high-water mark, which
   * lies below: so a flood of them leaves room for answers, and no call waits behind it. Default 16 MiB.
   */
  readonly maxQueuedAnswerBytes: number;
  /**
   * Size of the inbound calls and notices that were read but may not start yet: the length of their frames and 256 for
   * each. Only a peer that waits for answers of its own reads on behind a call it cannot start. Default 64 MiB.
   */
  readonly maxHeldBytes: number;
}

export interface PeerOptions {
  readonly port: FramePort;
  readonly codec: EnvelopeCodec;
  /** Without one, inbound calls are answered "method not found" and notices only reach `on` handlers. */
  readonly server?: InboundServer | undefined;
  /** What an answer or failure to a call that was never made does: `close` the connection (a server) or be ignored. Default `ignore`. */
  readonly strayAnswers?: "close" | "ignore" | undefined;
  /**
   * Id under which this API answers what it could not read. Any call may be the one that was meant, and would wait for good:
   * such a failure rejects all that are pending, with `LinkError` `malformed`, delivery `unknown`. Default: there is none.
   */
  readonly unreadableId?: RpcId | undefined;
  readonly clock?: Clock | undefined;
  readonly limits?: Partial<PeerLimits> | undefined;
  /** Code of failures that come from a bug in a handler. Default -32603. */
  readonly internalErrorCode?: number | undefined;
  /** Called with byte frames that the operating system has taken: their memory may be used again. Default: nothing. */
  readonly onSent?: ((frame: Uint8Array) => void) | undefined;
  /** Called with errors that handlers threw and that are no `RpcFault`. Default: nothing. */
  readonly onBug?: ((error: unknown, method: string) => void) | undefined;
}

/**
 * Life of a peer. `open` leaves to `closing` by `close()`, and to `closed` when the port is gone, whichever side ended it.
 * In `closing` no new call is accepted, and what is queued still goes out.
 */
export type PeerState =
  | { readonly kind: "open" }
  | { readonly kind: "closing"; readonly reason: string }
  | { readonly kind: "closed"; readonly close: PortClose };

/** One end of a connection: makes calls, answers calls, sends and receives notices. */
export interface Peer extends LinkV1 {
  readonly state: PeerState;
  /** Resolves once, when the port is gone. Never rejects. */
  readonly closed: Promise<PortClose>;
  /** False when producers of notices should wait for {@link Peer.whenWritable}. */
  readonly writable: boolean;
  readonly queuedBytes: number;
  /** Inbound calls that have begun and are not answered. */
  readonly runningCalls: number;
  /** Resolves when `writable` is true again or the peer is closed. */
  whenWritable(): Promise<void>;
  /**
   * As `call`, under an id that the caller has chosen: so that several peers are asked the same under one id. Rejects with an `Error` while
   * another call under that id waits for its answer.
   *
   * @param id - An integer from 0 on. Calls without an id of the caller's pass over those that wait.
   * @throws RangeError
   */
  callAs(id: number, method: string, params: unknown, options?: CallOptions): Promise<unknown>;
  /**
   * Take no call and no notice until every hold is released; nothing is lost and the order stays. Counted: each hold is released by
   * its own `[Symbol.dispose]()`, which does nothing the second time.
   *
   * While nothing is awaited the port is paused, so the far end feels back-pressure. Answers to own calls are still received: to find
   * them, up to `maxHeldBytes` of what comes before them are read and kept here.
   */
  hold(): Disposable;
  /** Let so many own calls be pending from now on, and so many urgent ones beyond them: what the far end takes is often known only later. */
  allowPending(limits: Pick<PeerLimits, "maxPendingCalls" | "maxUrgentCalls">): void;
  /** Close the connection: pending calls reject with `LinkError` `closed`. Idempotent. */
  close(reason?: string, code?: number): void;
}
