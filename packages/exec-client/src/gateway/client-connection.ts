import { BinaryMessages, createExecServerCodec, ERROR_CODES } from "@holdfast/exec-server-protocol";
import { bulkOf, isObject } from "@holdfast/protocol-kit";
import {
  createPeer,
  type FramePort,
  type InboundCall,
  type InboundServer,
  type Peer,
  type PortClose,
  RpcFault,
} from "@holdfast/rpc";
import { HoldAbove } from "@holdfast/rpc/client";
import { GATEWAY_WAITING_MARKS } from "../limits.ts";
import { frameMemory } from "../session/frame-memory.ts";
import type { Session } from "../session/session.ts";
import { faultOf } from "./fault-of.ts";
import { checkHandshake, type HandshakeState } from "./gate.ts";
import { LineBound } from "./line-bound.ts";
import { type FarOptions, openFarSession } from "./open-far-session.ts";
import { ProcessRelay } from "./process-relay.ts";
import { tellEvent } from "./tell-event.ts";

type Params = Readonly<Record<string, unknown>>;

/** Calls of one client under way at once. */
const MAX_RUNNING_CALLS = 32_768;

const NO_PARAMS: Params = {};

/** Websocket close code for a client whose session is gone. */
const INTERNAL_ERROR = 1011;

/**
 * One client, with the session on the executor that is its own. While the executor is out of reach the client has a connection all the same: its
 * calls wait, and what its processes did meanwhile follows.
 */
export class ClientConnection implements InboundServer {
  readonly #far: FarOptions;
  readonly #peer: Peer;
  readonly #bound: LineBound;
  /** Bulk of the client's calls that are not answered. */
  #askedBytes = 0;
  readonly #reading: HoldAbove;
  #handshake: HandshakeState = "fresh";
  #session: Session | undefined;
  #relay: ProcessRelay | undefined;
  /** Holds the executor while the client does not keep up. */
  #hold: Disposable | undefined;

  constructor(port: FramePort, far: FarOptions) {
    this.#far = far;
    this.#bound = new LineBound((method, params) => this.#tell(method, params));
    this.#peer = createPeer({
      port,
      codec: createExecServerCodec({
        longBase64: "bytes",
        allocate: (bytes) => frameMemory.take(bytes),
        binaryMessages: new BinaryMessages(),
      }),
      server: this,
      strayAnswers: "close",
      limits: { maxRunningCalls: MAX_RUNNING_CALLS },
      clock: far.clock,
      onSent: (frame) => frameMemory.give(frame),
    });
    this.#reading = new HoldAbove(GATEWAY_WAITING_MARKS, () => this.#peer.hold());
    void this.#peer.closed.then(() => this.#session?.close("the client is gone"));
  }

  get closed(): Promise<PortClose> {
    return this.#peer.closed;
  }

  async close(reason: string, code: number): Promise<void> {
    this.#peer.close(reason, code);
    await this.#peer.closed;
    await this.#session?.close(reason);
  }

  call(call: InboundCall): unknown {
    if (call.method === "initialize") return this.#initialize(call);
    checkHandshake(this.#handshake, call.method);
    if (this.#relay === undefined) throw new Error("no session is open");
    return this.#pass(call, this.#relay);
  }

  notice({ method }: { readonly method: string }): void {
    if (method !== "initialized") throw new Error(`notice \`${method.slice(0, 64)}\` is not known to this executor`);
    if (this.#session === undefined) throw new Error("initialized arrived before initialize");
    this.#handshake = "ready";
  }

  async #initialize({ params, signal }: InboundCall): Promise<unknown> {
    if (this.#handshake !== "fresh") {
      throw new RpcFault(ERROR_CODES.InvalidRequest, "initialize may only be sent once per connection");
    }
    const { clientName, resumeSessionId } = isObject(params) ? params : NO_PARAMS;
    if (typeof clientName !== "string") throw new RpcFault(ERROR_CODES.InvalidParams, "missing field `clientName`");
    const tell = (method: string, notice: unknown): void => this.#tell(method, notice);
    const resumes = typeof resumeSessionId === "string";
    this.#handshake = "opening";
    try {
      const { session, answer } = await openFarSession(this.#far, {
        clientName,
        resumeSessionId: resumes ? resumeSessionId : undefined,
        signal,
        server: { call: (call) => this.#ask(call), notice: (notice) => this.#onNotice(notice) },
        onStrayEvent: (processId, event) => tellEvent(tell, processId, event),
        onStateChange: (state) => this.#onStateChange(state),
      });
      this.#take(session, resumes);
      return answer;
    } catch (error) {
      this.#handshake = "fresh";
      throw faultOf(error);
    }
  }

  #take(session: Session, isResumed: boolean): void {
    this.#session = session;
    this.#relay = new ProcessRelay(session, {
      clock: this.#far.clock,
      isResumed,
      tell: (method, params) => this.#tell(method, params),
      ended: (processId) => this.#bound.ended(processId),
    });
    this.#handshake = "initialized";
    if (this.#peer.state.kind !== "open") void session.close("the client is gone");
    void session.closed.then((close) => this.#peer.close(close.reason, close.code ?? INTERNAL_ERROR));
  }

  async #pass({ method, params: told, trace }: InboundCall, relay: ProcessRelay): Promise<unknown> {
    const params = isObject(told) ? told : NO_PARAMS;
    this.#bound.asked(method, params);
    const bytes = bulkOf(told)?.bytes.bytes.byteLength ?? 0;
    this.#count(bytes);
    try {
      const result = await relay.call(method, told, trace);
      this.#bound.done(method, params, result);
      return result;
    } catch (error) {
      throw faultOf(this.#bound.failed(method, params, error));
    } finally {
      this.#count(-bytes);
    }
  }

  #count(bytes: number): void {
    if (bytes === 0) return;
    this.#askedBytes += bytes;
    this.#reading.update(this.#askedBytes);
  }

  /** What the executor asks its client. */
  async #ask({ method, params, signal, trace }: InboundCall): Promise<unknown> {
    try {
      return await this.#peer.call(method, params, { signal, trace });
    } catch (error) {
      throw faultOf(error);
    }
  }

  #onNotice({ method, params }: { readonly method: string; readonly params: unknown }): void {
    // Those of processes are put in order first.
    if (PROCESS_NOTICES.has(method)) return;
    this.#bound.told(method, isObject(params) ? params : NO_PARAMS);
    this.#tell(method, params);
  }

  /** A client that does not keep up holds its executor, and nothing piles up here. */
  #tell(method: string, params: unknown): void {
    this.#peer.notify(method, params);
    if (this.#peer.writable || this.#hold !== undefined || this.#session === undefined) return;
    const hold = this.#session.hold();
    this.#hold = hold;
    void this.#peer.whenWritable().then(() => {
      this.#hold = undefined;
      hold[Symbol.dispose]();
    });
  }

  #onStateChange(state: Session["state"]["kind"]): void {
    if (state === "recovering") this.#bound.lost();
    else if (state === "connected") {
      void this.#bound.found((method, params) => this.#session?.call(method, params) ?? Promise.resolve());
    }
  }
}

const PROCESS_NOTICES: ReadonlySet<string> = new Set(["process/output", "process/exited", "process/closed"]);
