import { isObject } from "@holdfast/protocol-kit";
import { type Clock, type InboundServer, isLinkError, LinkError } from "@holdfast/rpc";
import { type Credentials, type RecoverySettings, recover } from "@holdfast/rpc/client";
import { GATEWAY_OPEN_PATIENCE_MS, HOLDFAST_EXECUTOR_CALLS, INITIALIZE_TIMEOUT_MS } from "../limits.ts";
import type { RelayIdentity, RelayLine } from "../relay/relay-line.ts";
import { type ConnectTarget, dial } from "../session/connect-target.ts";
import type { DeliverEvent } from "../session/follow-notices.ts";
import { resume } from "../session/handshake.ts";
import { isRetryable } from "../session/is-retryable.ts";
import { Line } from "../session/line.ts";
import { Session } from "../session/session.ts";
import type { SessionState } from "../session/session-state.ts";

/** How an executor is reached, and for how long it is tried to reach it. */
export interface FarOptions extends Credentials {
  readonly target: ConnectTarget;
  readonly connectTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly allowPlaintextRelay: boolean | undefined;
  readonly identity: RelayIdentity;
  readonly clock: Clock;
  readonly recovery: RecoverySettings;
}

/** One session on the executor, for one client. */
export interface FarSessionParts {
  readonly clientName: string;
  /** Undefined: a new one. */
  readonly resumeSessionId: string | undefined;
  /** The client does not wait any longer. */
  readonly signal: AbortSignal;
  /** Takes what the executor asks, and every notice but those of processes. */
  readonly server: InboundServer;
  readonly onStrayEvent: DeliverEvent;
  readonly onStateChange: (state: SessionState["kind"]) => void;
}

/** What the executor answered to `initialize`, as it came: a newer one says more than is known here. */
export interface FarSession {
  readonly session: Session;
  readonly answer: Readonly<Record<string, unknown>>;
}

/**
 * Open a session, or resume one. An executor that does not answer is tried again while the client waits: a client that resumes takes a
 * refusal for the end of its processes, one that begins wants to hear what is wrong.
 *
 * @throws RemoteError the executor refused. @throws LinkError it is not there, or answers with something else.
 */
export async function openFarSession(far: FarOptions, parts: FarSessionParts): Promise<FarSession> {
  const { clock, recovery } = far;
  const { deadlineMs } = recovery;
  const patienceMs = parts.resumeSessionId === undefined ? Math.min(deadlineMs, GATEWAY_OPEN_PATIENCE_MS) : deadlineMs;
  const how = {
    ...recovery,
    clock,
    deadlineMs: patienceMs,
    delayMs: 0,
    stop: parts.signal,
    what: "connecting",
    isRetryable,
  };
  return await recover((signal) => openOnce(far, parts, signal).catch(throwFinal), how);
}

/** Who refuses the connection itself will do so the next time. */
function throwFinal(error: unknown): never {
  const cause = isLinkError(error) ? error.cause : undefined;
  const status = cause instanceof Error && "status" in cause ? Number(cause.status) : 0;
  if (!isLinkError(error) || status < FIRST_REFUSAL || status > LAST_REFUSAL) throw error;
  throw new LinkError("malformed", error.message, { delivery: "not-sent", cause: error });
}

/** Statuses of HTTP that blame the client. */
const [FIRST_REFUSAL, LAST_REFUSAL] = [400, 499];

async function openOnce(far: FarOptions, parts: FarSessionParts, signal: AbortSignal): Promise<FarSession> {
  const { clock, recovery } = far;
  const { clientName, resumeSessionId, server, onStrayEvent, onStateChange } = parts;
  const pin = { key: undefined };
  const openLine = async (attempt: AbortSignal, relay: RelayLine): Promise<Line> =>
    new Line(await dial(far.target, { ...far, relay, signal: attempt }), clock, server);
  const line = await openLine(signal, { identity: far.identity, pin, isRecovery: false });
  line.deliverTo(onStrayEvent);
  try {
    const answer = await line.peer.call(
      "initialize",
      { clientName, resumeSessionId: resumeSessionId ?? null },
      { signal, timeoutMs: INITIALIZE_TIMEOUT_MS },
    );
    if (!isObject(answer) || typeof answer.sessionId !== "string") {
      const message = "the executor answered to initialize without a session";
      throw new LinkError("malformed", message, { delivery: "unknown", method: "initialize" });
    }
    line.hear(isObject(answer.environmentInfo) ? answer.environmentInfo : undefined);
    line.stub.initialized();
    const takesManyCalls = isOfHoldfast(answer.environmentInfo);
    const begin = (begun: Line): void => {
      begun.askForSigns();
      if (takesManyCalls) begun.peer.allowPending(HOLDFAST_EXECUTOR_CALLS);
    };
    begin(line);
    const session = new Session({
      id: answer.sessionId,
      line,
      clock,
      canHoldOutput: false,
      isPatient: true,
      onStrayEvent,
      onStateChange,
      // Whoever made the call sees to it.
      onAmbiguousStart: () => {},
      recovery: {
        ...recovery,
        openLine: (attempt) => openLine(attempt, { identity: far.identity, pin, isRecovery: true }),
        resume: async (next, id, attempt) => {
          await resume(next, id, { clientName, initializeTimeoutMs: INITIALIZE_TIMEOUT_MS, signal: attempt });
          begin(next);
        },
      },
    });
    return { session, answer };
  } catch (error) {
    line.peer.close("the handshake failed");
    throw error;
  }
}

function isOfHoldfast(info: unknown): boolean {
  const capabilities = isObject(info) ? info.capabilities : undefined;
  return isObject(capabilities) && (capabilities.holdfastStaging === true || capabilities.holdfastOutputHold === true);
}
