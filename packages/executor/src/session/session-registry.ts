import { randomUUID } from "node:crypto";
import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { type Clock, RpcFault } from "@holdfast/rpc";
import type { Audit } from "../audit.ts";
import type { ExecutorLimits } from "../limits.ts";
import type { IncomingBytes, OutgoingBytes } from "../platform/handed-bytes.ts";
import { InputBudget } from "../process/index.ts";
import type { TreeThreads } from "../trees/index.ts";
import {
  type AdoptProcess,
  type HandedSession,
  type NewSpool,
  Session,
  type SessionHolder,
  type SessionOptions,
} from "./session.ts";
import type { StageRecords } from "./stage-records.ts";

export interface SessionRegistryOptions {
  readonly limits: ExecutorLimits;
  readonly clock: Clock;
  readonly newSpool?: NewSpool | undefined;
  /** For work on whole folders. */
  readonly trees: TreeThreads;
  /** Where staged folders are recorded. */
  readonly stageRecords: StageRecords;
  readonly audit: Audit;
  /** Called when there is one more or one less. */
  readonly onCount?: ((sessions: number) => void) | undefined;
}

/**
 * The sessions of an executor by their ids, which can not be guessed.
 *
 * A client that knows the id of a detached session may resume it. Bounded: one detached session too many ends the one that has
 * been detached for longest.
 */
export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  readonly #sessions = new Map<string, Session>();
  /** In the order in which they were let go. */
  readonly #detached = new Set<Session>();
  readonly #inputBudget: InputBudget;
  /** Ended, with files that are still being removed. */
  readonly #leaving = new Set<Promise<void>>();
  #state: "open" | "closed" = "open";

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
    this.#inputBudget = new InputBudget(options.limits.maxAllHeldInputBytes);
  }

  /** Sessions that have not ended, attached or not. */
  get size(): number {
    return this.#sessions.size;
  }

  /** @throws RpcFault once the executor is shutting down. */
  open(holder: SessionHolder): Session {
    if (this.#state === "closed") throw refusal("the executor is shutting down");
    const session = new Session(this.#sessionOptions(randomUUID()), holder);
    this.#sessions.set(session.id, session);
    this.#options.onCount?.(this.#sessions.size);
    return session;
  }

  #sessionOptions(id: string): SessionOptions {
    const { limits, clock, newSpool, trees, stageRecords, audit } = this.#options;
    const { closedRetentionMs, maxProcesses, detachedSessionTtlMs } = limits;
    return {
      id,
      clock,
      detachedTtlMs: detachedSessionTtlMs,
      registry: { delay: clock, closedRetentionMs, maxProcesses },
      retention: limits,
      input: limits,
      inputBudget: this.#inputBudget,
      newSpool,
      trees,
      stageRecords,
      audit,
      onEnded: (ended: Session) => this.#forget(ended),
    };
  }

  /** Those that have not ended. */
  all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** For the next program, those that nobody holds in the order in which they were let go. */
  handOver(bytes: OutgoingBytes): readonly HandedSession[] {
    const ordered = new Set([...this.#detached, ...this.#sessions.values()]);
    return [...ordered].map((session) => session.handOver(bytes));
  }

  /** Go on with the sessions of another program. To be called first. */
  adopt(sessions: readonly HandedSession[], bytes: IncomingBytes, adoptProcess: AdoptProcess): void {
    for (const handed of sessions) {
      const session = new Session(this.#sessionOptions(handed.id), handed);
      this.#sessions.set(session.id, session);
      this.#detached.add(session);
      session.adopt(handed, bytes, adoptProcess);
    }
    this.#options.onCount?.(this.#sessions.size);
  }

  /** @throws RpcFault when the id is unknown, its time is up, or another connection holds the session. */
  resume(id: string, holder: SessionHolder): Session {
    const session = this.#sessions.get(id);
    if (session?.state.kind === "attached") {
      throw new RpcFault(ERROR_CODES.SessionAttached, `session ${id} is already attached to another connection`);
    }
    if (session === undefined || !session.attach(holder)) throw refusal(`unknown session id ${id}`);
    this.#detached.delete(session);
    return session;
  }

  /** One that somebody else has, or nobody, by its id. @throws RpcFault when there is none. */
  shared(id: string): Session {
    const session = this.#sessions.get(id);
    if (session === undefined || !session.touch()) throw refusal(`unknown session id ${id}`);
    return session;
  }

  /** The holder is gone. Nothing happens when it no longer holds the session. */
  detach(session: Session, holder: SessionHolder): void {
    if (!session.detach(holder)) return;
    this.#detached.add(session);
    if (this.#detached.size <= this.#options.limits.maxDetachedSessions) return;
    this.#mostDispensable()?.end("more sessions wait for their clients than may");
  }

  /** Nobody is to lose what runs to those who left nothing behind. Of equals, the one that waits longest. */
  #mostDispensable(): Session | undefined {
    const waiting = [...this.#detached];
    return (
      waiting.find((session) => session.processes().length === 0) ??
      waiting.find((session) => session.processes().every(({ state }) => state.kind === "closed")) ??
      waiting[0]
    );
  }

  /** End every session, attached or not, and open no more. Idempotent. */
  close(): void {
    this.#state = "closed";
    for (const session of [...this.#sessions.values()]) session.end("the executor is shutting down");
  }

  /** Resolves when nothing of the sessions that have ended is left. */
  async left(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  #forget(session: Session): void {
    this.#sessions.delete(session.id);
    this.#detached.delete(session);
    this.#options.onCount?.(this.#sessions.size);
    const leaving = session.left.finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }
}

function refusal(message: string): RpcFault {
  return new RpcFault(ERROR_CODES.InvalidRequest, message);
}
