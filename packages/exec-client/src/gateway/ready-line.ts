import { BinaryFrame, isObject } from "@holdfast/protocol-kit";
import {
  type Clock,
  type FramePort,
  type FrameReceiver,
  type InboundFrame,
  LinkError,
  type OutboundFrame,
  type PortClose,
} from "@holdfast/rpc";
import type { ConnectOptions } from "../connect.ts";
import { CONNECT_TIMEOUT_MS, INITIALIZE_TIMEOUT_MS } from "../limits.ts";
import { type ConnectTarget, dial } from "../session/connect-target.ts";

/** How a line is made ready. */
export interface ReadyLineOptions
  extends Pick<ConnectOptions, "headers" | "token" | "ca" | "clientCertificate" | "allowPlaintextRelay" | "signal"> {
  /** Name given to the executor. */
  readonly clientName: string;
  readonly clock: Clock;
}

/** A line to an executor on which a session is open before there is a client for it. */
export interface ReadyLine {
  /**
   * The line as a client finds it that has yet to begin: its `initialize` is answered with the session that is open, and everything
   * after its `initialized` passes as it is. Only a client that wants a new session may have it.
   */
  readonly port: FramePort;
  /** Resolves when it is of no use any more. */
  readonly lost: Promise<PortClose>;
}

/** Ids that no client of this project uses: theirs are numbers. */
const INITIALIZE_ID = "ready";
const SIGN_ID = "sign";

/** Pause between pings, milliseconds: shorter than elsewhere, for nobody should be given a line that is dead. */
const PING_INTERVAL_MS = 5_000;

type Message = Readonly<Record<string, unknown>>;

/**
 * Connect to an executor and open a session.
 *
 * @throws LinkError there is no connection, no answer, or a refusal.
 */
export async function openReadyLine(target: ConnectTarget, options: ReadyLineOptions): Promise<ReadyLine> {
  const { clock, headers, token, ca, clientCertificate, allowPlaintextRelay, signal } = options;
  const how = { connectTimeoutMs: CONNECT_TIMEOUT_MS, pingIntervalMs: PING_INTERVAL_MS, headers, signal, clock };
  const dialling = { ...how, token, ca, clientCertificate, allowPlaintextRelay };
  const port = new ReadyPort(await dial(target, dialling));
  await port.begin(options);
  return { port, lost: port.lost };
}

/** `opening`: its own handshake is under way. `ready`: it waits for a client's. `begun`: that was answered. `passing`: it is over. */
type Stage = "opening" | "ready" | "begun" | "passing";

/** It carries no binary messages: the executor was not told of any, as their client stands behind a pipe of lines. */
class ReadyPort implements FramePort {
  readonly lost: Promise<PortClose>;
  readonly #far: FramePort;
  readonly #lost = Promise.withResolvers<PortClose>();
  readonly #opened = Promise.withResolvers<Message>();
  #stage: Stage = "opening";
  #answer: unknown;
  #receiver: FrameReceiver | undefined;

  constructor(far: FramePort) {
    this.#far = far;
    this.lost = this.#lost.promise;
    far.open({
      frame: (frame) => this.#onFrame(frame),
      drained: () => this.#receiver?.drained(),
      sent: (frame) => this.#receiver?.sent?.(frame),
      closed: (close) => {
        this.#opened.reject(new LinkError("closed", close.reason, { delivery: "unknown", cause: close.cause }));
        this.#lost.resolve(close);
        this.#receiver?.closed(close);
      },
    });
  }

  async begin({ clientName, clock, signal }: ReadyLineOptions): Promise<void> {
    const initialize = { id: INITIALIZE_ID, method: "initialize", params: { clientName, resumeSessionId: null } };
    const giveUp = (why: string): void => this.#far.destroy(why);
    const timer = clock.after(INITIALIZE_TIMEOUT_MS, () => giveUp("initialize was not answered in time"));
    const onAbort = (): void => giveUp("the line is not wanted any more");
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#far.send(JSON.stringify(initialize));
    try {
      const { result, error } = await this.#opened.promise;
      if (!isObject(result)) {
        const reason = isObject(error) ? String(error.message) : "an answer without a session";
        this.#far.close(NORMAL, "the handshake failed");
        throw new LinkError("closed", `initialize was refused: ${reason}`, {
          delivery: "unknown",
          method: "initialize",
        });
      }
      this.#answer = result;
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
    }
    this.#far.send(JSON.stringify({ method: "initialized", params: {} }));
    this.#stage = "ready";
    let signs = 0;
    this.#far.askForSigns?.(() => {
      signs += 1;
      this.#far.send(JSON.stringify({ id: `${SIGN_ID}-${signs}`, method: "environment/info", params: null }));
    });
  }

  get transport(): FramePort["transport"] {
    return this.#far.transport;
  }

  get peerName(): string {
    return this.#far.peerName;
  }

  get queuedBytes(): number {
    return this.#far.queuedBytes;
  }

  get writable(): boolean {
    return this.#far.writable;
  }

  get isEnding(): boolean {
    return this.#far.isEnding === true;
  }

  open(receiver: FrameReceiver): void {
    this.#receiver = receiver;
  }

  send(frame: OutboundFrame): void {
    if (this.#stage === "passing") this.#far.send(frame);
    else this.#onHandshake(read(frame));
  }

  pause(): void {
    this.#far.pause();
  }

  resume(): void {
    this.#far.resume();
  }

  close(code: number, reason: string): void {
    this.#far.close(code, reason);
  }

  destroy(reason: string, cause?: unknown): void {
    this.#far.destroy(reason, cause);
  }

  #onFrame(frame: InboundFrame): void {
    if (this.#stage === "opening") {
      const message = read(frame);
      if (message.id === INITIALIZE_ID) this.#opened.resolve(message);
    } else this.#receiver?.frame(frame);
  }

  #onHandshake({ id, method, params }: Message): void {
    if (this.#stage === "begun" && method === "initialized") this.#stage = "passing";
    else if (this.#stage === "ready" && method === "initialize" && isObject(params) && isNew(params)) {
      this.#stage = "begun";
      const answer = JSON.stringify({ id, result: this.#answer });
      // In a turn of its own, as an answer that has to travel.
      queueMicrotask(() => this.#receiver?.frame(answer));
    } else this.#far.destroy("the client did not begin with a session of its own");
  }
}

const NORMAL = 1000;

function isNew({ resumeSessionId }: Message): boolean {
  return resumeSessionId === undefined || resumeSessionId === null;
}

/** A message of a handshake, which is short; empty for what is none. */
function read(frame: InboundFrame): Message {
  try {
    const text = frame instanceof BinaryFrame ? frame.text() : frame;
    const message: unknown = JSON.parse(typeof text === "string" ? text : new TextDecoder().decode(text));
    return isObject(message) ? message : {};
  } catch {
    return {};
  }
}
