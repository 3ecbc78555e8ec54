import { type Clock, isLinkError, isRemoteError } from "@holdfast/rpc";
import { OWN_SESSION_LINGER_MS, OWN_SESSIONS_LINGERING_MAX, OWN_SESSIONS_MAX } from "../limits.ts";
import type { ProcessChannel } from "../process/process-channel.ts";
import type { Connector } from "./connector.ts";
import type { Session } from "./session.ts";

/**
 * Sessions of one process each, on connections of their own, for executors that can not hold back one process.
 *
 * There a slow reader holds the whole connection, so that it must not be shared. A session goes on for a while after its process
 * has closed: what was printed last can be read back until then.
 */
export class OwnSessions {
  readonly #connector: Connector;
  readonly #clock: Clock;
  readonly #sessions = new Set<Session>();
  /** Processes whose sessions are being opened. */
  readonly #opening = new Set<string>();
  /** Their processes have closed; the oldest first. */
  readonly #lingering = new Set<Session>();
  #isClosed = false;

  constructor(connector: Connector) {
    this.#connector = connector;
    this.#clock = connector.clock;
  }

  /**
   * A session for one process that is about to start; undefined where there is none to be had, so that the process has to share one.
   *
   * @throws LinkError `aborted`, by the signal.
   */
  async open(processId: string, signal: AbortSignal | undefined): Promise<Session | undefined> {
    if (this.#isClosed || this.#opening.size + this.#sessions.size - this.#lingering.size >= OWN_SESSIONS_MAX) {
      return undefined;
    }
    this.#opening.add(processId);
    try {
      const { session } = await this.#connector.openSession({ signal });
      this.#sessions.add(session);
      void session.closed.then(() => this.#forget(session));
      if (this.#isClosed) await session.close("the client is done");
      return session;
    } catch (error) {
      if (signal?.aborted || !(isLinkError(error) || isRemoteError(error))) throw error;
      return undefined;
    } finally {
      this.#opening.delete(processId);
    }
  }

  /** Whether one of them has a process of this name that has not closed. */
  has(processId: string): boolean {
    if (this.#opening.has(processId)) return true;
    for (const session of this.#sessions) if (session.hasProcess(processId)) return true;
    return false;
  }

  /** How many of their processes have not closed. */
  get openCount(): number {
    let count = this.#opening.size;
    for (const session of this.#sessions) count += session.openCount;
    return count;
  }

  /** Let go of a session some time after its process has closed. */
  endWith(channel: ProcessChannel, session: Session): void {
    const ended = (): void => this.#linger(session);
    channel.closed.then(ended, ended);
  }

  /** The start of its process failed: the session ends when that is known, and nothing runs in it. */
  async abandon(session: Session, processId: string, answer: Promise<unknown>): Promise<void> {
    const isRefused = await answer.then(() => false, isRemoteError);
    if (!isRefused) await session.terminateWithRetry(processId).catch(() => {});
    await session.close("its process did not start");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#sessions].map((session) => session.close("the client is done")));
  }

  #linger(session: Session): void {
    if (!this.#sessions.has(session)) return;
    this.#lingering.add(session);
    this.#clock.after(OWN_SESSION_LINGER_MS, () => void session.close("its process has closed"));
    const [oldest] = this.#lingering;
    if (oldest === undefined || this.#lingering.size <= OWN_SESSIONS_LINGERING_MAX) return;
    // At once: before it has closed, the next one may have to go as well.
    this.#lingering.delete(oldest);
    void oldest.close("its process has closed");
  }

  #forget(session: Session): void {
    this.#sessions.delete(session);
    this.#lingering.delete(session);
  }
}
