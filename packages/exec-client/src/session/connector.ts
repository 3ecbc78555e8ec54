import type { Clock, FramePort } from "@holdfast/rpc";
import type { Credentials, RecoverySettings } from "@holdfast/rpc/client";
import { type Environment, environmentOf, isHoldfast } from "../environment.ts";
import { HOLDFAST_EXECUTOR_CALLS } from "../limits.ts";
import { type ExecutorPin, RelayIdentity, type RelayLine } from "../relay/relay-line.ts";
import { type ConnectTarget, canDialAgain, dial, leadsThroughRelay } from "./connect-target.ts";
import { handshake, resume } from "./handshake.ts";
import { Line } from "./line.ts";
import { Session } from "./session.ts";
import type { SessionState } from "./session-state.ts";

/** How everything that leads to one executor is opened. */
export interface ConnectorOptions extends Credentials {
  readonly target: ConnectTarget;
  readonly clientName: string;
  readonly connectTimeoutMs: number;
  readonly initializeTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly allowPlaintextRelay: boolean | undefined;
  readonly clock: Clock;
  /** Without it, a lost connection is the end of its session. */
  readonly recovery: RecoverySettings | undefined;
}

export interface OpenSessionOptions {
  /** The session to resume. Default: a new one. */
  readonly resumeSessionId?: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onStateChange?: ((state: SessionState["kind"]) => void) | undefined;
}

/** A session, and what the executor said about itself. */
export interface OpenedSession {
  readonly session: Session;
  readonly environment: Environment;
}

/** Opens lines to one executor, and sessions on them. */
export class Connector {
  readonly #options: ConnectorOptions;
  /** Known from the first handshake on: every line leads to the same executor. */
  #takesManyCalls = false;
  #hasDialled = false;
  readonly #identity = new RelayIdentity();

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** Whether there can be more than one line. */
  get canDialAgain(): boolean {
    return canDialAgain(this.#options.target);
  }

  /** No line is needed any more. */
  forget(): void {
    this.#identity.forget();
  }

  /** Whether every line is dear, and shared where it can be. */
  get leadsThroughRelay(): boolean {
    return leadsThroughRelay(this.#options.target);
  }

  /** A line of its own for a purpose that needs a session, but no processes in it. @throws LinkError, RemoteError */
  async openReadyLine(signal: AbortSignal | undefined, pingIntervalMs: number): Promise<Line> {
    const line = await this.#openLine(signal, this.#firstLine(), pingIntervalMs);
    await this.#handshake(line, { signal });
    return line;
  }

  /** @throws LinkError there is no line, or no answer. @throws RemoteError the executor refused. */
  async openSession(options: OpenSessionOptions): Promise<OpenedSession> {
    const { clock } = this;
    const relay = this.#firstLine();
    const line = await this.#openLine(options.signal, relay);
    const { sessionId: id, environmentInfo } = await this.#handshake(line, options);
    const environment = environmentOf(environmentInfo);
    const canHoldOutput = environment.capabilities.holdfastOutputHold;
    const { onStateChange } = options;
    const recovery = this.#recovery(relay.pin);
    const session = new Session({ id, line, clock, canHoldOutput, recovery, onStateChange });
    return { session, environment };
  }

  #firstLine(): RelayLine {
    return { identity: this.#identity, pin: { key: undefined }, isRecovery: false };
  }

  async #openLine(signal: AbortSignal | undefined, relay: RelayLine, pingIntervalMs?: number): Promise<Line> {
    return new Line(await this.#dial(signal, relay, pingIntervalMs), this.clock);
  }

  async #dial(
    signal: AbortSignal | undefined,
    relay: RelayLine,
    pingIntervalMs: number | undefined,
  ): Promise<FramePort> {
    const { target, connectTimeoutMs, headers, token, ca, clientCertificate, allowPlaintextRelay, clock } =
      this.#options;
    const shown = { headers, token, ca, clientCertificate, allowPlaintextRelay, relay };
    const isFirst = !this.#hasDialled;
    const port = await dial(target, { connectTimeoutMs, ...shown, isFirst, signal, clock, pingIntervalMs });
    this.#hasDialled = true;
    return port;
  }

  async #handshake(line: Line, { signal, resumeSessionId }: OpenSessionOptions) {
    const { clientName, initializeTimeoutMs } = this.#options;
    try {
      const answer = await handshake(line, { clientName, initializeTimeoutMs, signal, resumeSessionId });
      this.#takesManyCalls = isHoldfast(environmentOf(answer.environmentInfo));
      this.#begin(line);
      return answer;
    } catch (error) {
      line.peer.close("the handshake failed");
      throw error;
    }
  }

  /** Its session is open. */
  #begin(line: Line): void {
    line.askForSigns();
    if (this.#takesManyCalls) line.peer.allowPending(HOLDFAST_EXECUTOR_CALLS);
  }

  #recovery(pin: ExecutorPin) {
    const { recovery, clientName, initializeTimeoutMs } = this.#options;
    if (recovery === undefined || !this.canDialAgain) return undefined;
    return {
      ...recovery,
      openLine: (signal: AbortSignal) => this.#openLine(signal, { identity: this.#identity, pin, isRecovery: true }),
      resume: async (line: Line, id: string, signal: AbortSignal) => {
        await resume(line, id, { clientName, initializeTimeoutMs, signal });
        this.#begin(line);
      },
    };
  }
}
