import {
  BinaryMessages,
  createExecServerCodec,
  type EnvironmentInfo,
  MALFORMED_ID,
  MESSAGE_MAX_BYTES,
  MESSAGE_MAX_JSON_VALUES,
  type OutboundCall,
} from "@holdfast/exec-server-protocol";
import { createExecServerClient, type ExecServerClient } from "@holdfast/exec-server-protocol/client";
import {
  type Clock,
  createPeer,
  type EnvelopeCodec,
  type FramePort,
  type InboundServer,
  type LinkErrorCode,
  type OutboundFrame,
  type Peer,
  type PortClose,
} from "@holdfast/rpc";
import { ENVIRONMENT_INFO_TIMEOUT_MS, UNKNOWN_EXECUTOR_CALLS } from "../limits.ts";
import { checkSendable } from "../process/sendable.ts";
import { type DeliverEvent, followNotices } from "./follow-notices.ts";
import { frameMemory } from "./frame-memory.ts";

/** Not strict: an executor's every word is checked by the validators. */
function codecOf(binaryMessages: BinaryMessages): EnvelopeCodec {
  const allocate = (bytes: number): Buffer => frameMemory.take(bytes);
  const codec = createExecServerCodec({ strict: false, longBase64: "bytes", allocate, binaryMessages });
  return { ...codec, encodeCall: (call) => checkedCall(call, codec.encodeCall(call)) };
}

/** Begins the escape of half a character, and nothing else that is written without need. */
const HALF_CHARACTER_ESCAPE = "\\ud";
/** A message with more JSON values than executors read is longer than this. */
const MANY_VALUES_CHARACTERS = 2 * MESSAGE_MAX_JSON_VALUES;

/** What no executor could read is refused here: it answers without saying to what, and all that is in flight would fail. */
function checkedCall(call: OutboundCall, frame: OutboundFrame): OutboundFrame {
  const isSuspect =
    typeof frame === "string" && (frame.length > MANY_VALUES_CHARACTERS || frame.includes(HALF_CHARACTER_ESCAPE));
  if (isSuspect && typeof call.params === "object" && call.params !== null) checkSendable(call.params);
  return frame;
}

/** Websocket close code of a line whose far end breaks the protocol. */
const PROTOCOL_ERROR = 1002;

/** How a line ended. `malformed`: it was ended here, because the far end broke the protocol. */
export interface LineLoss {
  readonly close: PortClose;
  readonly code: Extract<LinkErrorCode, "closed" | "malformed">;
}

/** One connection to an executor. A session may outlive many; each is a generation of its own. */
export class Line {
  readonly peer: Peer;
  /** Calls on this very connection, with no recovery around them. */
  readonly stub: ExecServerClient;
  /** Resolves when the line is of no more use: at its end, or as soon as the far end broke the protocol. */
  readonly lost: Promise<LineLoss>;
  readonly #port: FramePort;
  readonly #binaryMessages = new BinaryMessages();
  readonly #lost = Promise.withResolvers<LineLoss>();
  #deliver: DeliverEvent | undefined;

  /**
   * Opens the port.
   *
   * @param server - Takes what the executor asks, and every notice. Default: what it asks is refused.
   */
  constructor(port: FramePort, clock: Clock, server?: InboundServer) {
    const onBug = (error: unknown, method: string): void => {
      this.#breach(`invalid params of ${method}: ${error instanceof Error ? error.message : String(error)}`);
    };
    this.#port = port;
    this.lost = this.#lost.promise;
    // What can not be read at all may have been an answer or an exit, too: its caller would wait for good.
    const encodeMalformed = (reason: string): undefined => {
      this.#breach(`unreadable message: ${reason}`);
    };
    this.peer = createPeer({
      port,
      codec: { ...codecOf(this.#binaryMessages), encodeMalformed },
      server,
      unreadableId: MALFORMED_ID,
      limits: { ...UNKNOWN_EXECUTOR_CALLS, maxCallBytes: MESSAGE_MAX_BYTES },
      clock,
      onBug,
      onSent: (frame) => frameMemory.give(frame),
    });
    this.stub = createExecServerClient(this.peer, { onInvalid: (error) => this.#breach(error.message) });
    followNotices(this.stub, (processId, event) => this.#deliver?.(processId, event));
    this.peer.closed.then((close) => this.#lost.resolve({ close, code: "closed" }));
  }

  /** Tell the events of processes to this session, until it says otherwise: without one they are dropped. */
  deliverTo(deliver: DeliverEvent | undefined): void {
    this.#deliver = deliver;
  }

  /** Notice an executor that vanished, where the platform sends no pings: from the end of the handshake on, before which nothing is answered. */
  askForSigns(): void {
    this.#port.askForSigns?.(() => {
      const options = { timeoutMs: ENVIRONMENT_INFO_TIMEOUT_MS, urgent: true };
      // Any answer is one, and none is noticed by the port.
      this.stub.environment.info(options).catch(() => {});
    });
  }

  /** What the executor says of itself on this very line: the one behind the next may be another. To be called before `initialized` is sent. */
  hear(info: Pick<EnvironmentInfo, "capabilities"> | null | undefined): void {
    if (this.#port.carriesBinary === true && info?.capabilities?.holdfastBinaryMessages === true) {
      this.#binaryMessages.begin();
    }
  }

  get isOpen(): boolean {
    return this.peer.state.kind === "open";
  }

  /** A notice that can not be understood may have carried output or an exit: going on would hide that. */
  #breach(reason: string): void {
    if (!this.isOpen) return;
    this.#lost.resolve({ close: { initiator: "local", reason, code: PROTOCOL_ERROR }, code: "malformed" });
    this.peer.close(reason, PROTOCOL_ERROR);
  }
}
